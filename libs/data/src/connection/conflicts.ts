import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '#domain';

/**
 * SQLSTATE of a serialization failure and of a deadlock, and Prisma's code for both: the transaction was
 * undone, and may begin again.
 */
const CONFLICT_CODES = new Set(['40001', '40P01', 'P2034']);
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 10;

const LOCK_NOT_AVAILABLE = '55P03';
/** How long calls try that need what another one has, such as an import. */
const PATIENCE_MS = 2_000;
export const BOUND_LOCK_WAIT = `SET LOCAL lock_timeout = ${PATIENCE_MS}`;
/**
 * Whoever holds the catalog waits no longer than this for anything else: an import may have it until it ends,
 * and needs the catalog at its end.
 */
export const LIMIT_LOCK_WAIT = 'SET LOCAL lock_timeout = 200';
const LOCK_PAUSE_MS = 200;
const LOCKED_RETRY_AFTER_SECONDS = 5;

/** Whether writers met, and this one was undone for it. */
export function isConflict(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === 'write-conflict';
  return codesOf(error).some((code) => CONFLICT_CODES.has(code));
}

/** Whether something waited in vain for a lock. */
export function isLocked(error: unknown): boolean {
  return codesOf(error).includes(LOCK_NOT_AVAILABLE);
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const codes = ['code' in error ? String(error.code) : undefined, driverCode(error)];
  return codes.filter((code) => code !== undefined);
}

/** Prisma keeps the server's own code of an error deep inside. */
export function driverCode(error: Error): string | undefined {
  return driverCause(error)?.originalCode;
}

/** Of a statement it comes in an error of Prisma's; of the BEGIN or COMMIT of a transaction as it is. */
export function driverCause(error: Error): DriverCause | undefined {
  if (error.name === 'DriverAdapterError') return error.cause as DriverCause;
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: DriverCause } } };
  return meta?.driverAdapterError?.cause;
}

interface DriverCause {
  readonly kind?: string;
  readonly originalCode?: string;
}

/**
 * Does work again that was undone because writers met, a few times, each after a longer
 * pause of random length. Work that waited in vain for a lock, such as an import's, is done again for 2 s.
 *
 * @param work a whole transaction, or what follows a savepoint
 * @param undo called before the work is done again
 * @throws DomainError `write-conflict` when the lock is held longer
 */
export async function retryConflicts<Result>(
  work: () => Promise<Result>,
  undo?: () => Promise<unknown>,
): Promise<Result> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let attempt = 1; ;) {
    try {
      return await work();
    } catch (error) {
      const waited = isLocked(error);
      if (waited && performance.now() > deadline) throw stillLocked(error);
      if (!waited && (attempt === ATTEMPTS || !isConflict(error))) throw error;
      await undo?.();
      await delay(Math.random() * (waited ? LOCK_PAUSE_MS : FIRST_PAUSE_MS * 2 ** attempt++));
    }
  }
}

export function stillLocked(cause: unknown): DomainError {
  const detail = 'Another call, such as an import, is storing the same users or items; nothing was stored';
  return new DomainError('write-conflict', detail, { cause, retryAfterSeconds: LOCKED_RETRY_AFTER_SECONDS });
}
