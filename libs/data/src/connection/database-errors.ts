import { DomainError, isTransient } from '#domain';
import { driverCause, driverCode, isConflict, isLocked, stillLocked } from './conflicts.js';

const RETRY_AFTER_SECONDS = 5;
const CONFLICT_RETRY_AFTER_SECONDS = 1;
const DISK_FULL = '53100';
const DISK_RETRY_AFTER_SECONDS = 60;

/**
 * Prisma: cannot reach, timed out, closed connection, no connection from the pool, no transaction in time.
 */
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
/** Of Prisma's driver, for errors of sockets. */
const CONNECTION_KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout']);
const CONNECTION_MESSAGE =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|server closed the connection|pool after calling end|not currently accepting connections/i;

/**
 * Makes `database-unavailable` of a failed connection, `write-conflict` of a deadlock and of a lock that was
 * not to be had; everything else comes back as it is.
 */
export function asDomainError(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (isConflict(error)) return writeConflict(error);
  if (isLocked(error)) return stillLocked(error);
  if (isDiskFull(error)) return diskFull(error);
  return isConnectionFailure(error) ? databaseUnavailable(error) : error;
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === DISK_FULL) || driverCode(error) === DISK_FULL;
}

function diskFull(cause: unknown): DomainError {
  return new DomainError('database-unavailable', 'PostgreSQL has no disk space left; nothing was stored', {
    cause,
    retryAfterSeconds: DISK_RETRY_AFTER_SECONDS,
  });
}

function writeConflict(cause: unknown): DomainError {
  return new DomainError('write-conflict', 'Too many calls write the same rows; nothing was stored', {
    cause,
    retryAfterSeconds: CONFLICT_RETRY_AFTER_SECONDS,
  });
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
  if (CONNECTION_KINDS.has(driverCause(error)?.kind ?? '')) return true;
  return isTransient(error) || isTransient(driverError(error)) || CONNECTION_MESSAGE.test(error.message);
}

/** The error that the server gave, as far as Prisma keeps it. */
function driverError(error: Error): Error | null {
  const code = driverCode(error);
  return code === undefined ? null : Object.assign(new Error(error.message), { code });
}
