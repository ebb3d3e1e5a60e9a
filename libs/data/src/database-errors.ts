import { DomainError, isTransient } from '@app/domain';

const RETRY_AFTER_SECONDS = 5;

/** Prisma: cannot reach, timed out, closed connection, no connection from the pool, no transaction in time. */
const PRISMA_CONNECTION_CODES = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1008',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
]);
const CONNECTION_MESSAGE =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|server closed the connection|pool after calling end|not currently accepting connections/i;

/** Makes `database-unavailable` of a failed connection; everything else comes back as it is. */
export function asDomainError(error: unknown): unknown {
  if (error instanceof DomainError || !isConnectionFailure(error)) return error;
  return databaseUnavailable(error);
}

/** What everything answers that needs the database while it is away. */
export function databaseUnavailable(cause?: unknown): DomainError {
  return new DomainError('database-unavailable', 'The database cannot be reached at the moment', {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && PRISMA_CONNECTION_CODES.has(String(error.code))) return true;
  return isTransient(error) || isTransient(driverError(error)) || CONNECTION_MESSAGE.test(error.message);
}

/** Prisma keeps the server's own code of an error deep inside. */
function driverError(error: Error): Error | null {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } };
  const code = meta?.driverAdapterError?.cause?.originalCode;
  return code === undefined ? null : Object.assign(new Error(error.message), { code });
}
