import { DomainError } from '#domain';

const RETRY_AFTER_SECONDS = 1;

/** What a call is told whose thread has ended because the service does. */
export function serviceStopping(cause: unknown): DomainError {
  return new DomainError('too-busy', 'The service is stopping', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}
