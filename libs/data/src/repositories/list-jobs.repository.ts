import type { PoolClient } from 'pg';
import { v7 as uuid, validate as isUuid } from 'uuid';
import {
  DomainError,
  LIMITS,
  type JsonObject,
  type ListJob,
  type ListJobStatus,
  type RunError,
  type RunOrigin,
} from '#domain';
import { traceParent } from '#tracing';
import type { Database } from '../connection/database.js';
import type { IdempotentWrite } from '../connection/idempotent-write.js';
import type { ListJobModel } from '../generated/models.js';
import { deleteInBatches } from '../sql/delete-in-batches.js';
import { newestFirst, toPage, type Page } from '../sql/paging.js';
import { holdCatalog, requireCatalog } from './catalogs.repository.js';

export interface NewListJob extends RunOrigin {
  readonly catalogId: string;
  readonly modelId: string;
  readonly k: number;
  readonly filter: JsonObject | null;
}

/** The lists of some users, by which a job moves on. */
export interface ListJobPart {
  readonly bytes: Uint8Array;
  readonly users: number;
  /** All users below are done with it. */
  readonly nextUserKey: number;
}

/** Seed of the advisory locks of catalogs that begin a job, which tells them from other locks. */
const LOCK_SEED = 72_707_372;

const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended(concat_ws('/', current_schema(), $1::text), ${LOCK_SEED}))::text`;

const UNFINISHED = { in: ['queued', 'running'] };

const CLAIM = `UPDATE list_jobs j SET status = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()),
    users_total = c.user_rows
  FROM catalogs c WHERE j.id = $1 AND j.status IN ('queued', 'running') AND c.id = j.catalog_id AND c.deleted_at IS NULL RETURNING j.id`;

/** Of the attempt $2 at the job $1; no row is changed when it is gone, finished or another attempt's. */
const IS_OURS = `id = $1 AND attempts = $2 AND status = 'running'`;

const MOVE_ON = `UPDATE list_jobs SET parts = parts + 1, next_user_key = $3, users_done = users_done + $4, size_bytes = size_bytes + $5
  WHERE ${IS_OURS} RETURNING parts - 1 AS position`;

const ADD_PART = 'INSERT INTO list_job_parts (job_id, position, bytes) VALUES ($1, $2, $3)';

/** $1 rows, $2 hours. Their parts go with them. */
const DELETE_OLD = `DELETE FROM list_jobs WHERE id = ANY(ARRAY(SELECT id FROM list_jobs
  WHERE finished_at < now() - make_interval(hours => $2) ORDER BY finished_at LIMIT $1))`;

/** Jobs that make the lists of all users, and what they have made so far. */
export class ListJobsRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `catalog-not-found`, `too-many-list-jobs` */
  async create(input: NewListJob, idempotent?: IdempotentWrite<ListJob>): Promise<ListJob> {
    const { catalogId, filter, ...rest } = input;
    return this.database.transaction(async (transaction) => {
      await holdCatalog(transaction, catalogId);
      await transaction.$queryRawUnsafe(LOCK, catalogId);
      const jobs = await transaction.listJob.findMany({
        where: { catalogId },
        select: { id: true, status: true },
      });
      refuseTooMany(jobs);
      const row = await transaction.listJob.create({
        data: {
          id: uuid(),
          catalogId,
          ...rest,
          traceParent: traceParent() ?? rest.traceParent,
          ...(filter && { filter: filter }),
        },
      });
      return toJob(row);
    }, idempotent);
  }

  /** @throws DomainError `list-job-not-found` */
  async load(catalogId: string, jobId: string): Promise<ListJob> {
    const job = await this.find(jobId);
    if (job?.catalogId !== catalogId) throw notFound(jobId);
    return job;
  }

  async find(jobId: string): Promise<ListJob | null> {
    if (!isUuid(jobId)) return null;
    const row = await this.database.run((prisma) => prisma.listJob.findUnique({ where: { id: jobId } }));
    return row && toJob(row);
  }

  /** Newest first. */
  async findPage(catalogId: string, before: string | null, limit: number): Promise<Page<ListJob>> {
    const page = newestFirst(before, limit);
    const rows = await this.database.run((prisma) =>
      prisma.listJob.findMany({ ...page, where: { catalogId, ...page.where } }),
    );
    return toPage(rows.map(toJob), limit, (job) => job.id);
  }

  async findUnfinished(): Promise<ListJob[]> {
    const rows = await this.database.run((prisma) =>
      prisma.listJob.findMany({ where: { status: UNFINISHED }, orderBy: { id: 'asc' } }),
    );
    return rows.map(toJob);
  }

  /** Starts an attempt. @returns null when the job is finished or gone */
  async claim(jobId: string): Promise<ListJob | null> {
    const { rowCount } = await this.database.run(() => this.database.pool.query(CLAIM, [jobId]));
    return rowCount === 0 ? null : this.find(jobId);
  }

  /** Whether the attempt still has the job. */
  async isOurs({ id, attempts }: ListJob): Promise<boolean> {
    const { rowCount } = await this.database.run(() =>
      this.database.pool.query(`SELECT FROM list_jobs WHERE ${IS_OURS}`, [id, attempts]),
    );
    return rowCount === 1;
  }

  /**
   * Stores lists and moves the job on, in one transaction. @returns false, and nothing is stored, when the
   * attempt no longer has the job
   */
  async addPart(
    { id, catalogId, attempts }: ListJob,
    { bytes, users, nextUserKey }: ListJobPart,
  ): Promise<boolean> {
    return this.database.sqlTransaction(async (client: PoolClient) => {
      await requireCatalog(client, catalogId);
      const moved = [id, attempts, nextUserKey, users, bytes.length];
      const { rows } = await client.query<{ position: number }>(MOVE_ON, moved);
      if (!rows[0]) return false;
      await client.query(ADD_PART, [id, rows[0].position, bytes]);
      return true;
    });
  }

  /** Ends a job whose lists are all stored; does nothing when the attempt no longer has it. */
  async succeed({ id, attempts }: ListJob, peakRssBytes: number): Promise<void> {
    await this.database.run((prisma) =>
      prisma.listJob.updateMany({
        where: { id, attempts, status: 'running' },
        data: { status: 'succeeded', finishedAt: new Date(), peakRssBytes },
      }),
    );
  }

  /** Ends an unfinished job; its parts go, since nobody reads a part of all lists. */
  async fail(jobId: string, error: RunError): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const { count } = await transaction.listJob.updateMany({
        where: { id: jobId, status: UNFINISHED },
        data: { status: 'failed', finishedAt: new Date(), error: { ...error }, parts: 0, sizeBytes: 0 },
      });
      if (count > 0) await transaction.listJobPart.deleteMany({ where: { jobId } });
    });
  }

  /**
   * Ends it, if it is not finished, and removes it with its lists.
   *
   * @throws DomainError `list-job-not-found`
   */
  async delete(catalogId: string, jobId: string): Promise<void> {
    if (!isUuid(jobId)) throw notFound(jobId);
    const { count } = await this.database.run((prisma) =>
      prisma.listJob.deleteMany({ where: { id: jobId, catalogId } }),
    );
    if (count === 0) throw notFound(jobId);
  }

  /** Null when it is gone. */
  async loadPart(jobId: string, position: number): Promise<Uint8Array | null> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<{ bytes: Buffer }>(
        'SELECT bytes FROM list_job_parts WHERE job_id = $1 AND position = $2',
        [jobId, position],
      ),
    );
    return rows[0]?.bytes ?? null;
  }

  /** Jobs that ended so many hours ago. @returns number of rows of each statement */
  deleteOld(hours: number): AsyncGenerator<number> {
    return deleteInBatches(this.database, DELETE_OLD, [hours], 1);
  }
}

/** @throws DomainError `too-many-list-jobs` */
function refuseTooMany(jobs: readonly { readonly id: string; readonly status: string }[]): void {
  const unfinished = jobs.find(({ status }) => UNFINISHED.in.includes(status));
  const detail = unfinished
    ? `The job ${unfinished.id} of this catalog is not finished: wait for its end, or delete it`
    : `There are ${LIMITS.listJobsPerCatalog} jobs of this catalog already: delete one`;
  if (unfinished || jobs.length >= LIMITS.listJobsPerCatalog)
    throw new DomainError('too-many-list-jobs', detail);
}

function notFound(jobId: string): DomainError {
  return new DomainError('list-job-not-found', `There is no list job "${jobId}"`);
}

function toJob(row: ListJobModel): ListJob {
  return {
    ...row,
    status: row.status as ListJobStatus,
    filter: row.filter as JsonObject | null,
    error: row.error as RunError | null,
    sizeBytes: Number(row.sizeBytes),
    peakRssBytes: row.peakRssBytes === null ? null : Number(row.peakRssBytes),
  };
}
