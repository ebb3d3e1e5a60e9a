import type { PoolClient } from 'pg';
import { DomainError } from '#domain';
import { raiseCacheEpoch, tellUsers, type BeforeCommit, type ChangedUser } from '../changes/changed-users.js';
import { BOUND_LOCK_WAIT, retryConflicts } from '../connection/conflicts.js';

/** Thrown within a merge that does not hold the catalog, and has to. */
class CatalogNeeded extends Error {}

/**
 * Merges a batch, again when it met other writers. All writers lock in one order: the catalog, items,
 * interactions, models, users, rows of a kind by their key. So the catalog is locked first or not at all: a
 * merge that finds at its end that caches could not be told, and that the catalog's epoch has to be raised,
 * begins again.
 *
 * @param merge told whether the catalog has to be locked
 * @returns null, and undoes what `merge` did, where `merge` answers null
 */
export async function attemptMerge<Result>(
  client: PoolClient,
  locksCatalog: boolean,
  merge: (locksCatalog: boolean) => Promise<Result>,
): Promise<Result> {
  await client.query(`${BOUND_LOCK_WAIT}; SAVEPOINT merge`);
  const undo = () => client.query('ROLLBACK TO SAVEPOINT merge');
  const attempt = (locks: boolean) => retryConflicts(() => merge(locks), undo);
  const result = await attempt(locksCatalog).catch(async (error: unknown) => {
    if (!(error instanceof CatalogNeeded)) throw error;
    await undo();
    return attempt(true);
  });
  if (result === null) await undo();
  return result;
}

export interface Telling {
  readonly catalogId: string;
  readonly beforeCommit?: BeforeCommit | undefined;
  /** Whether the merge has locked the catalog. */
  readonly holdsCatalog: boolean;
}

/** Tells caches of changed users, to be called within {@link attemptMerge}. */
export async function tellOrRaiseEpoch(
  client: PoolClient,
  changed: readonly ChangedUser[],
  { catalogId, beforeCommit, holdsCatalog }: Telling,
): Promise<void> {
  if (await tellUsers(changed, beforeCommit)) return;
  if (!holdsCatalog) throw new CatalogNeeded();
  await raiseCacheEpoch(client, catalogId);
}

/**
 * Rows were written for a user whose row is gone: a merge has moved all rows to another user, and has not
 * seen these. {@link attemptMerge} begins again, and finds that other user.
 */
export function mergedMeanwhile(): DomainError {
  return new DomainError(
    'write-conflict',
    'A user was merged into another one meanwhile; nothing was stored',
  );
}
