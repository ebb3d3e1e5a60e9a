import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '#domain';

/**
 * SQLSTATE of a serialization failure and of a deadlock, and Prisma's code for both: the transaction was
 * undone, and may begin again.
 */
const CONFLICT_CODES = new Set(['40001', '40P01', 'P2034']);
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 10;

/** Whether writers met, and this one was undone for it. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof DomainError) return error.code === 'write-conflict';
  const codes = ['code' in error ? String(error.code) : undefined, driverCode(error)];
  return codes.some((code) => code !== undefined && CONFLICT_CODES.has(code));
}

/** Prisma keeps the server's own code of an error deep inside. */
export function driverCode(error: Error): string | undefined {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } };
  return meta?.driverAdapterError?.cause?.originalCode;
}

/**
 * Does work again that was undone because writers met, a few times, each after a longer
 * pause of random length.
 *
 * @param work a whole transaction, or what follows a savepoint
 * @param undo called before the work is done again
 */
export async function retryConflicts<Result>(
  work: () => Promise<Result>,
  undo?: () => Promise<unknown>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isConflict(error)) throw error;
    }
    await undo?.();
    await delay(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
  }
}
