import type { Database } from '../connection/database.js';
import { catalogNotFound } from './catalogs.repository.js';

/** Pages of a table that a look at the shares of catalogs reads, at most about. */
const SAMPLED_PAGES = 500;
/** Bytes of an id where PostgreSQL has no statistics yet. */
const UNKNOWN_ID_BYTES = 64;

/** Tables whose rows nobody counts. */
const SAMPLED_TABLES = [
  'interactions',
  'attributed_interactions',
  'user_attributes',
  'idempotency_keys',
] as const;
export type SampledTable = (typeof SAMPLED_TABLES)[number];

/** A catalog's part of a table, from a sample where there are many rows. */
export interface TableSample {
  readonly rows: number;
  readonly bytes: number;
  /** Of all catalogs. */
  readonly sampledRows: number;
}

/**
 * Counts and bytes of one catalog in PostgreSQL. Tables are shared: a catalog's part of one is its
 * share of the rows.
 */
export interface CatalogUsage {
  readonly users: number;
  readonly items: number;
  /** With those of deleted items. */
  readonly itemRows: number;
  readonly interactions: number;
  readonly models: number;
  readonly artifactBytes: number;
  /** Mean bytes of a user's id, by PostgreSQL's statistics. */
  readonly userIdBytes: number;
  readonly tableBytes: {
    readonly users: number;
    readonly items: number;
    readonly models: number;
  };
  /** Jobs that make the lists of all users, and their stored parts. */
  readonly listJobs: { readonly count: number; readonly bytes: number };
  readonly samples: { readonly [table in SampledTable]: TableSample };
}

const COUNTS = `SELECT c.user_rows AS users, c.item_rows,
    c.deleted_items,
    (SELECT count(*) FROM models m WHERE m.catalog_id = c.id) AS models,
    (SELECT coalesce(sum(m.artifact_bytes), 0) FROM models m WHERE m.catalog_id = c.id) AS artifact_bytes,
    (SELECT count(*) FROM list_jobs j WHERE j.catalog_id = c.id) AS list_jobs,
    (SELECT coalesce(sum(j.size_bytes), 0) FROM list_jobs j WHERE j.catalog_id = c.id) AS list_bytes,
    (SELECT coalesce(sum(user_rows), 0) FROM catalogs) AS all_users,
    (SELECT coalesce(sum(item_rows), 0) FROM catalogs) AS all_items,
    (SELECT coalesce(sum(artifact_bytes), 0) FROM models) AS all_artifact_bytes,
    (SELECT avg_width FROM pg_stats WHERE tablename = 'users' AND attname = 'external_id' AND schemaname = current_schema()) AS id_bytes,
    pg_total_relation_size('users') AS users_bytes, pg_total_relation_size('items') AS items_bytes,
    pg_total_relation_size('models') + pg_total_relation_size('model_chunks') AS models_bytes
  FROM catalogs c WHERE c.id = $1 AND c.deleted_at IS NULL`;

const SIZE = `SELECT pg_total_relation_size($1::regclass) AS bytes,
  pg_relation_size($1::regclass) / current_setting('block_size')::bigint AS pages`;

/** Whole pages at random, by a fixed seed, so that equal data is counted equally. */
const sampleOf = (
  table: SampledTable,
) => `SELECT count(*) FILTER (WHERE catalog_id = $1) AS own, count(*) AS all
  FROM ${table} TABLESAMPLE SYSTEM ($2) REPEATABLE (1)`;

type Row = Readonly<Record<string, string | number | null>>;

export class UsageRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `catalog-not-found` */
  async measure(catalogId: string): Promise<CatalogUsage> {
    const row = await this.#first(COUNTS, [catalogId]);
    if (!row) throw catalogNotFound(catalogId);
    const count = (name: string) => Number(row[name]);
    const samples = await this.#sampleAll(catalogId);
    const partOf = (bytes: string, part: number, whole: number) =>
      Math.round(count(bytes) * shareOf(part, whole));
    return {
      users: count('users'),
      items: count('item_rows') - count('deleted_items'),
      itemRows: count('item_rows'),
      interactions: samples.interactions.rows,
      models: count('models'),
      artifactBytes: count('artifact_bytes'),
      userIdBytes: Number(row['id_bytes'] ?? UNKNOWN_ID_BYTES),
      tableBytes: {
        users: partOf('users_bytes', count('users'), count('all_users')),
        items: partOf('items_bytes', count('item_rows'), count('all_items')),
        models: partOf('models_bytes', count('artifact_bytes'), count('all_artifact_bytes')),
      },
      listJobs: { count: count('list_jobs'), bytes: count('list_bytes') },
      samples,
    };
  }

  /** From a sample where there are many. */
  async countInteractions(catalogId: string): Promise<number> {
    return (await this.#sample(catalogId, 'interactions')).rows;
  }

  async #sampleAll(catalogId: string): Promise<CatalogUsage['samples']> {
    const samples = new Map<string, TableSample>();
    for (const table of SAMPLED_TABLES) samples.set(table, await this.#sample(catalogId, table));
    return Object.fromEntries(samples) as CatalogUsage['samples'];
  }

  async #sample(catalogId: string, table: SampledTable): Promise<TableSample> {
    const size = await this.#first(SIZE, [table]);
    const percent = Math.min(100, (100 * SAMPLED_PAGES) / Math.max(1, Number(size?.['pages'])));
    const sample = await this.#first(sampleOf(table), [catalogId, percent]);
    const [own, all] = [Number(sample?.['own']), Number(sample?.['all'])];
    return {
      rows: Math.round((own * 100) / percent),
      bytes: Math.round(Number(size?.['bytes']) * shareOf(own, all)),
      sampledRows: all,
    };
  }

  async #first(sql: string, values: readonly unknown[]): Promise<Row | undefined> {
    const { rows } = await this.database.run(() => this.database.pool.query<Row>(sql, [...values]));
    return rows[0];
  }
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
