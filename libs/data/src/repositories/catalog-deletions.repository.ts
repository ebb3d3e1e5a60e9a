import { v7 as uuid, validate as isUuid } from 'uuid';
import { DomainError, type CatalogDeletion } from '#domain';
import { notify } from '../changes/catalog-change.js';
import type { Database, Transaction } from '../connection/database.js';
import type { CatalogDeletionModel } from '../generated/models.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { BATCH_ROWS, deleteInBatches } from '../sql/delete-in-batches.js';
import { catalogNotFound } from './catalogs.repository.js';

/** A model has gigabytes at most, and a run a checkpoint of one. */
const [BATCH_MODELS, BATCH_RUNS] = [1, 10];
/**
 * How long receipts are kept. Nothing in a cache lives as long, so a name's epochs may begin anew after that.
 */
const RECEIPT_DAYS = 90;
/** A long import holds the catalog; who waits for it would hold up the end of the process. */
const LOCK_TIMEOUT_MS = 3_000;
/**
 * First key of the advisory locks of deletions; the second one is made of the receipt's id and the schema.
 */
const LOCK = 72_707_370;

/**
 * $1 catalog, $2 least key, $3 rows, $4 receipt. Going on at the last key does not look again at
 * what is dead already.
 */
const deleteByKey = (table: string, key: string, counter = table) => `WITH batch AS MATERIALIZED (
    SELECT ctid FROM ${table} WHERE catalog_id = ${CATALOG} AND ${key} >= $2 ORDER BY ${key} LIMIT $3),
  gone AS (DELETE FROM ${table} t USING batch WHERE t.ctid = batch.ctid RETURNING t.${key} AS key),
  counted AS (UPDATE catalog_deletions SET ${counter} = ${counter} + (SELECT count(*) FROM gone) WHERE id = $4)
  SELECT count(*)::int AS count, max(key) AS last FROM gone`;

/** $1 catalog, $2 rows, $3 receipt. What belongs to a row goes with it. */
const deleteSome = (table: string) => `WITH gone AS (DELETE FROM ${table}
    WHERE id IN (SELECT id FROM ${table} WHERE catalog_id = $1 LIMIT $2) RETURNING id),
  counted AS (UPDATE catalog_deletions SET ${table} = ${table} + (SELECT count(*) FROM gone) WHERE id = $3)
  SELECT count(*)::int AS count FROM gone`;

/** What receipts do not count: it belongs to users, or guards against repetition. */
const UNCOUNTED = [
  'refusals',
  'user_attributes',
  'merged_ids',
  'attributed_interactions',
  'idempotency_keys',
  'list_jobs',
];

/** $1 rows, $2 catalog. */
const deleteUncounted = (table: string) =>
  `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE catalog_id = $2 LIMIT $1))`;

/**
 * Deletes catalogs: marked in one transaction, from which on there is no such catalog, and
 * then emptied in batches.
 */
export class CatalogDeletionsRepository {
  constructor(
    private readonly database: Database,
    private readonly batchRows = BATCH_ROWS,
  ) {}

  /**
   * From here on nobody finds the catalog; its schedules are gone, waiting runs are cancelled and running
   * ones told to end.
   *
   * @returns the receipt, and the runs that waited
   * @throws DomainError `catalog-not-found`, also when it is being deleted already
   */
  async begin(
    catalogId: string,
  ): Promise<{ readonly deletion: CatalogDeletion; readonly cancelledRunIds: readonly string[] }> {
    return this.database.transaction(async (transaction) => {
      const [catalog] = await transaction.catalog.updateManyAndReturn({
        where: { id: catalogId, deletedAt: null },
        data: { deletedAt: new Date(), cacheEpoch: { increment: 1 } },
      });
      if (!catalog) throw catalogNotFound(catalogId);
      const { cacheEpoch, itemRevision } = catalog;
      const row = await transaction.catalogDeletion.create({
        data: { id: uuid(), catalogId, cacheEpoch, itemRevision },
      });
      await transaction.schedule.deleteMany({ where: { catalogId } });
      const cancelledRunIds = await endRuns(transaction, catalogId);
      await notify(transaction, { kind: 'catalog-deleted', catalogId });
      await notify(transaction, { kind: 'schedules-changed', catalogId });
      return { deletion: toDeletion(row), cancelledRunIds };
    });
  }

  /** @throws DomainError `catalog-deletion-not-found` */
  async load(id: string): Promise<CatalogDeletion> {
    const row = isUuid(id)
      ? await this.database.run((prisma) => prisma.catalogDeletion.findUnique({ where: { id } }))
      : null;
    if (!row) throw catalogDeletionNotFound(id);
    return toDeletion(row);
  }

  async findUnfinished(): Promise<CatalogDeletion[]> {
    const rows = await this.database.run((prisma) =>
      prisma.catalogDeletion.findMany({ where: { finishedAt: null }, orderBy: { id: 'asc' } }),
    );
    return rows.map(toDeletion);
  }

  /**
   * Works unless another process works on the deletion; when that dies, PostgreSQL lets go of the lock. It is
   * a transaction's, since a pooler lends a connection for no longer.
   */
  async exclusively(id: string, work: () => Promise<void>): Promise<void> {
    await this.database.sqlTransaction(async (client) => {
      const { rows } = await client.query<{ isLocked: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1, hashtext($2 || current_schema())) AS "isLocked"',
        [LOCK, id],
      );
      if (rows[0]?.isLocked) await work();
    });
  }

  /** Deletes all rows that are there; may be repeated. @param signal breaks it off between two statements */
  async deleteRows({ id, catalogId }: CatalogDeletion, signal?: AbortSignal): Promise<void> {
    const batches = [
      this.#some('models', [catalogId, BATCH_MODELS, id]),
      this.#some('training_runs', [catalogId, BATCH_RUNS, id]),
      this.#byKey(deleteByKey('interactions', 'user_key'), catalogId, id),
      this.#byKey(deleteByKey('late_interactions', 'item_key', 'interactions'), catalogId, id),
      this.#byKey(deleteByKey('users', 'user_key'), catalogId, id),
      this.#byKey(deleteByKey('items', 'item_key'), catalogId, id),
      ...UNCOUNTED.map((table) =>
        deleteInBatches(this.database, deleteUncounted(table), [catalogId], this.batchRows),
      ),
    ];
    for (const table of batches) for await (const _count of table) signal?.throwIfAborted();
  }

  /**
   * Deletes the catalog itself, after all writers who began before its deletion have ended.
   *
   * @throws Error of PostgreSQL when they do not end within seconds
   * @returns false when they have left rows: these are to be deleted first
   */
  async finish({ id, catalogId }: CatalogDeletion): Promise<boolean> {
    return this.database.sqlTransaction(async (client) => {
      await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      const marked = await client.query(
        'SELECT FROM catalogs WHERE id = $1 AND deleted_at IS NOT NULL FOR UPDATE',
        [catalogId],
      );
      if (marked.rowCount === 0) return true;
      const { rows } = await client.query<{ left: boolean }>(
        `SELECT EXISTS (SELECT FROM interactions WHERE catalog_id = $1) OR EXISTS (SELECT FROM late_interactions WHERE catalog_id = $1)
          OR EXISTS (SELECT FROM users WHERE catalog_id = $1) OR EXISTS (SELECT FROM items WHERE catalog_id = $1) OR EXISTS (SELECT FROM models WHERE catalog_id = $1)
          OR EXISTS (SELECT FROM training_runs WHERE catalog_id = $1) AS left`,
        [catalogId],
      );
      if (rows[0]?.left) return false;
      await client.query(
        `UPDATE catalog_deletions d SET finished_at = now(), cache_epoch = c.cache_epoch, item_revision = c.item_revision
         FROM catalogs c WHERE d.id = $1 AND c.id = d.catalog_id`,
        [id],
      );
      await client.query('DELETE FROM catalogs WHERE id = $1', [catalogId]);
      await client.query(
        'DELETE FROM catalog_deletions WHERE finished_at < now() - make_interval(days => $1)',
        [RECEIPT_DAYS],
      );
      return true;
    });
  }

  /** Rows of each batch. */
  async *#some(table: string, values: readonly unknown[]): AsyncGenerator<number> {
    let count: number;
    do {
      ({ count } = await this.#batch(deleteSome(table), values));
      yield count;
    } while (count > 0);
  }

  /** Rows of each batch. */
  async *#byKey(sql: string, catalogId: string, id: string): AsyncGenerator<number> {
    for (let from: number | null = 0; from !== null;) {
      const { count, last } = await this.#batch(sql, [catalogId, from, this.batchRows, id]);
      from = last ?? null;
      yield count;
    }
  }

  async #batch(
    sql: string,
    values: readonly unknown[],
  ): Promise<{ readonly count: number; readonly last?: number | null }> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<{ count: number; last?: number | null }>(sql, [...values]),
    );
    return rows[0] ?? { count: 0 };
  }
}

/** @returns those that no worker had */
async function endRuns(transaction: Transaction, catalogId: string): Promise<string[]> {
  const waiting = await transaction.trainingRun.updateManyAndReturn({
    where: { catalogId, status: 'queued' },
    data: { status: 'cancelled', finishedAt: new Date(), cancelRequested: true },
    select: { id: true },
  });
  await transaction.trainingRun.updateMany({
    where: { catalogId, status: 'running' },
    data: { cancelRequested: true },
  });
  return waiting.map(({ id }) => id);
}

function toDeletion(row: CatalogDeletionModel): CatalogDeletion {
  const { id, catalogId, requestedAt, finishedAt } = row;
  const deleted = {
    interactions: Number(row.interactions),
    users: Number(row.users),
    items: Number(row.items),
    models: Number(row.models),
    trainingRuns: Number(row.trainingRuns),
  };
  return { id, catalogId, requestedAt, finishedAt, deleted };
}

export function catalogDeletionNotFound(id: string): DomainError {
  return new DomainError('catalog-deletion-not-found', `There is no deletion "${id}"`);
}
