import type { PoolClient } from 'pg';
import { CATALOG } from '../sql/catalog.sql.js';
import { NOTIFY_SQL, type Change } from './catalog-change.js';

/** A user whose stored history changed. */
export interface ChangedUser {
  readonly userId: string;
  readonly userKey: number;
  readonly revision: number;
}

/** Told in the transaction, before it commits; false when caches could not be told. */
export type BeforeCommit = (changed: readonly ChangedUser[]) => Promise<boolean>;

/** Above this many changed users all cached users of the catalog are given up instead. */
export const MAX_TOLD_USERS = 10_000;

/**
 * Raises the revision of users of the catalog $1, who are locked in the order of their keys. Users who were
 * merged into others meanwhile are not among its rows.
 *
 * @param source a query of one column, their keys
 * @param before common table expressions that `source` reads
 */
export const raiseRevisions = (source: string, before = '') => `WITH ${before && `${before}, `}
    changed AS MATERIALIZED (
      SELECT user_key FROM users WHERE catalog_id = ${CATALOG} AND user_key IN (${source}) ORDER BY user_key FOR NO KEY UPDATE)
    UPDATE users u SET revision = revision + 1 FROM changed
    WHERE u.catalog_id = ${CATALOG} AND u.user_key = changed.user_key RETURNING u.external_id, u.user_key, u.revision`;

/** @param sql of {@link raiseRevisions} */
export async function changeUsers(
  client: PoolClient,
  sql: string,
  values: readonly unknown[],
): Promise<ChangedUser[]> {
  const { rows } = await client.query<{ external_id: string; user_key: number; revision: string }>(sql, [
    ...values,
  ]);
  return rows.map((row) => ({
    userId: row.external_id,
    userKey: row.user_key,
    revision: Number(row.revision),
  }));
}

/**
 * @returns whether every cache knows the changed users; if not, the catalog's cache epoch has to be raised
 */
export async function tellUsers(
  changed: readonly ChangedUser[],
  beforeCommit?: BeforeCommit,
): Promise<boolean> {
  if (changed.length === 0) return true;
  if (changed.length > MAX_TOLD_USERS || !beforeCommit) return false;
  return beforeCommit(changed);
}

/** Makes every cached user of a catalog unreadable. To be called by who has locked the catalog. */
export async function raiseCacheEpoch(client: PoolClient, catalogId: string): Promise<void> {
  const { rows } = await client.query<{ cache_epoch: number }>(
    'UPDATE catalogs SET cache_epoch = cache_epoch + 1 WHERE id = $1 RETURNING cache_epoch',
    [catalogId],
  );
  await publish(client, { kind: 'cache-epoch-changed', catalogId, cacheEpoch: rows[0]?.cache_epoch ?? 0 });
}

/** Publishes a change when the transaction commits, and not otherwise. */
export async function publish(client: PoolClient, change: Change): Promise<void> {
  await client.query(NOTIFY_SQL, [JSON.stringify(change)]);
}
