import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import { unseenCatalog } from '../sql/catalog.sql.js';
import { FIND_PAIR_RULES, pairValues, type PairRules } from '../sql/pair-values.sql.js';
import { hasRefused } from '../sql/refusals.sql.js';
import { TripleReader } from './binary-copy.js';
import { GrowableArray } from './growable-array.js';

/**
 * A catalog's user-item matrix at one instant, in CSR; x_ui by `pairValues`, pairs of value 0 left out, and
 * users who have said no to training.
 */
export interface Snapshot {
  /** `userKey` of each row, ascending. */
  readonly userKeys: Int32Array;
  /** `itemKey` of each column, ascending: items with an interaction that are not deleted. */
  readonly itemKeys: Int32Array;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  /** SHA-256 of all of the above. */
  readonly hash: string;
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
  async load(catalogId: string, options: SnapshotOptions = {}): Promise<Snapshot> {
    return this.database.sqlTransaction(
      (client) =>
        this.database.abortable(client, options.signal, () => readSnapshot(client, catalogId, options)),
      'ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
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

async function readSnapshot(
  client: PoolClient,
  catalogId: string,
  { onProgress }: SnapshotOptions,
): Promise<Snapshot> {
  const { rows } = await client.query<CatalogFacts>(
    `SELECT quote_literal(id) AS literal, rules.*, (SELECT count(*) FROM interactions WHERE catalog_id = $1) AS expected,
      EXISTS (SELECT FROM refusals WHERE catalog_id = $1 AND training) AS "hasRefusals"
      FROM catalogs, (${FIND_PAIR_RULES}) rules WHERE id = $1 AND deleted_at IS NULL`,
    [catalogId],
  );
  const catalog = rows[0];
  if (!catalog) throw catalogNotFound(catalogId);
  const columns = new SnapshotColumns();
  const stream = client.query(copyTo(copyStatement(catalog)));
  for await (const chunk of stream) {
    columns.reader.push(chunk as Buffer);
    onProgress?.(columns.numPairs, Number(catalog.expected));
  }
  columns.reader.end();
  return columns.finish();
}

interface CatalogFacts extends PairRules {
  readonly literal: string;
  readonly expected: string;
  /** Whether a user has said no to training. */
  readonly hasRefusals: boolean;
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

class SnapshotColumns {
  readonly #userKeys = new GrowableArray(Int32Array);
  readonly #indptr = new GrowableArray(Uint32Array);
  readonly #itemKeyOfPair = new GrowableArray(Uint32Array);
  readonly #values = new GrowableArray(Float32Array);
  #lastUser = -1;

  readonly reader = new TripleReader((userKey, itemKey, weight) => {
    if (userKey !== this.#lastUser) {
      this.#userKeys.push(userKey);
      this.#indptr.push(this.#values.length);
      this.#lastUser = userKey;
    }
    this.#itemKeyOfPair.push(itemKey);
    this.#values.push(weight);
  });

  get numPairs(): number {
    return this.#values.length;
  }

  finish(): Snapshot {
    this.#indptr.push(this.#values.length);
    const indices = this.#itemKeyOfPair.view();
    const parts = {
      userKeys: this.#userKeys.view(),
      itemKeys: compressColumns(indices),
      indptr: this.#indptr.view(),
      indices,
      values: this.#values.view(),
    };
    return { ...parts, hash: hashOf(Object.values(parts)) };
  }
}

/** Replaces item keys by their rank in place. @returns the keys by rank */
function compressColumns(indices: Uint32Array): Int32Array {
  const largest = indices.reduce((max, key) => Math.max(max, key), -1);
  const rank = new Int32Array(largest + 1);
  for (const key of indices) rank[key] = 1;
  const keys = new GrowableArray(Int32Array);
  rank.forEach((seen, key) => {
    if (seen === 0) return;
    rank[key] = keys.length;
    keys.push(key);
  });
  indices.forEach((key, e) => (indices[e] = rank[key]!));
  return keys.view();
}

function hashOf(arrays: readonly (Int32Array | Uint32Array | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const array of arrays) {
    hash
      .update(String(array.length))
      .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}
