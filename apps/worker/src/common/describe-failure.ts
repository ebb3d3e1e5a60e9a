import { DomainError, type RunError } from '#domain';

/**
 * What the row of failed work says. An unknown error is a bug: its words go to the log and not to the caller.
 *
 * @param work such as `run`
 */
export function describeFailure(error: unknown, work: string): RunError {
  if (error instanceof DomainError) return { code: error.code, detail: error.message };
  return { code: 'internal-error', detail: `The ${work} failed for an unexpected reason; see the log.` };
}
