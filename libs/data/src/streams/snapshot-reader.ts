import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import { unseenCatalog } from '../sql/catalog.sql.js';
import { FIND_PAIR_RULES, pairValues, type PairRules } from '../sql/pair-values.sql.js';
import { hasRefused } from '../sql/refusals.sql.js';
import { readIdOrder, type IdOrder } from './id-order.js';
import { arrangeRows, Steps, StreamedPairs, type SnapshotRows } from './snapshot-rows.js';

/** First words of what is hashed: another order of rows or columns has another hash. */
const FORMAT = 'sparserec snapshot 2';

/**
 * A catalog's user-item matrix at one instant, in CSR; x_ui by `pairValues`, pairs of value 0 left out, and
 * users who have said no to training. Rows and columns are in the order of the bytes of external ids, so that
 * equal interactions make an equal matrix, in whatever order and under whatever keys they were stored.
 */
export interface Snapshot extends SnapshotRows {
  /** `userKey` of each row. */
  readonly userKeys: Int32Array;
  /** `itemKey` of each column: items with an interaction that are not deleted. */
  readonly itemKeys: Int32Array;
  /** SHA-256 of the matrix and of the external ids of its rows and columns: keys are not in it. */
  readonly hash: string;
  /** Of the server that made the values. */
  readonly postgresVersion: string;
}

export interface SnapshotOptions {
  readonly onProgress?: (rows: number, expected: number) => void;
  /** Ends the statement that reads. */
  readonly signal?: AbortSignal;
}

/** Streams all interactions of a catalog out of one consistent snapshot. */
export class SnapshotReader {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `catalog-not-found`; the reason of the signal when it aborts */
  async load(catalogId: string, { onProgress, signal }: SnapshotOptions = {}): Promise<Snapshot> {
    const { pairs, users, items, postgresVersion } = await this.database.sqlTransaction(
      (client) => this.database.abortable(client, signal, () => streamPairs(client, catalogId, onProgress)),
      'ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
    const steps = new Steps(signal);
    const order = { userKeys: users.keys, itemKeys: items.keys };
    const rows = await arrangeRows(pairs, order, steps);
    return { ...order, ...rows, hash: await hashOf({ users, items }, rows, steps), postgresVersion };
  }

  /**
   * Shape of the matrix, for the estimate before a run: never smaller than what a load finds
   * at the same instant.
   */
  async countPairs(
    catalogId: string,
    signal?: AbortSignal,
  ): Promise<{ numUsers: number; numItems: number; nnz: number }> {
    const { rows } = await this.database.sqlTransaction((client) =>
      this.database.abortable(client, signal, () =>
        client.query<{ users: number; items: number; nnz: string; exists: boolean }>(
          `SELECT EXISTS (SELECT FROM catalogs WHERE id = $1 AND deleted_at IS NULL) AS exists, count(DISTINCT user_key)::int AS users,
          count(DISTINCT item_key)::int AS items, count(*) AS nnz FROM interactions WHERE catalog_id = $1`,
          [catalogId],
        ),
      ),
    );
    const row = rows[0];
    if (!row?.exists) throw catalogNotFound(catalogId);
    return { numUsers: row.users, numItems: row.items, nnz: Number(row.nnz) };
  }
}

interface Streamed {
  readonly pairs: StreamedPairs;
  readonly users: IdOrder;
  readonly items: IdOrder;
  readonly postgresVersion: string;
}

async function streamPairs(
  client: PoolClient,
  catalogId: string,
  onProgress: SnapshotOptions['onProgress'],
): Promise<Streamed> {
  const { rows } = await client.query<CatalogFacts>(
    `SELECT quote_literal(id) AS literal, rules.*, (SELECT count(*) FROM interactions WHERE catalog_id = $1) AS expected,
      EXISTS (SELECT FROM refusals WHERE catalog_id = $1 AND training) AS "hasRefusals",
      current_setting('server_version') AS "postgresVersion"
      FROM catalogs, (${FIND_PAIR_RULES}) rules WHERE id = $1 AND deleted_at IS NULL`,
    [catalogId],
  );
  const catalog = rows[0];
  if (!catalog) throw catalogNotFound(catalogId);
  const { literal, postgresVersion } = catalog;
  const expected = Number(catalog.expected);
  const pairs = new StreamedPairs(expected);
  const stream = client.query(copyTo(copyStatement(catalog)));
  for await (const chunk of stream) {
    pairs.reader.push(chunk as Buffer);
    onProgress?.(pairs.length, expected);
  }
  pairs.reader.end();
  const users = await readIdOrder(client, 'users', literal, pairs.users);
  const items = await readIdOrder(client, 'items', literal, pairs.items);
  return { pairs, users, items, postgresVersion };
}

interface CatalogFacts extends PairRules {
  readonly literal: string;
  readonly expected: string;
  /** Whether a user has said no to training. */
  readonly hasRefusals: boolean;
  readonly postgresVersion: string;
}

/**
 * COPY takes no parameters, so the catalog comes quoted by the server. Deleting an
 * item deletes its interactions.
 */
function copyStatement({ literal, hasRefusals, ...rules }: CatalogFacts): string {
  const isAllowed = hasRefusals
    ? ` AND NOT ${hasRefused('training', 'n.user_key', unseenCatalog(literal))}`
    : '';
  const pairs = pairValues(`n.catalog_id = ${literal}${isAllowed}`, rules);
  return `COPY (SELECT user_key, item_key, value FROM (${pairs}) pairs
    WHERE value > 0 ORDER BY user_key, item_key) TO STDOUT (FORMAT binary)`;
}

/** Bytes between two looks at the clock. */
const BYTES_PER_STEP = 1 << 20;

async function hashOf(
  { users, items }: Pick<Streamed, 'users' | 'items'>,
  { indptr, indices, values }: SnapshotRows,
  steps: Steps,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update([FORMAT, users.keys.length, items.keys.length, values.length, ''].join(' '));
  hash.update(users.digest).update(items.digest);
  for (const { buffer, byteOffset, byteLength } of [indptr, indices, values]) {
    for (let at = 0; at < byteLength; at += BYTES_PER_STEP) {
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(BYTES_PER_STEP, byteLength - at)));
      await steps.pause();
    }
  }
  return hash.digest('hex');
}
