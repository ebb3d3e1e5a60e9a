import { v7 as uuid, validate as isUuid } from 'uuid';
import {
  DomainError,
  isFinished,
  type ModelParameters,
  type RunEpoch,
  type RunError,
  type RunLeaderboard,
  type RunOrigin,
  type RunParts,
  type TrainingRun,
  type TrainingRunStatus,
  type TrainingStage,
} from '#domain';
import { traceParent } from '#tracing';
import { notify } from '../changes/catalog-change.js';
import type { Database, Transaction } from '../connection/database.js';
import type { IdempotentWrite } from '../connection/idempotent-write.js';
import type { Prisma } from '../generated/client.js';
import type { TrainingRunModel } from '../generated/models.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { newestFirst, toPage, type Page } from '../sql/paging.js';
import { holdCatalog } from './catalogs.repository.js';

export interface NewTrainingRun extends Partial<RunOrigin> {
  readonly catalogId: string;
  readonly kind: string;
  readonly parameters: ModelParameters;
  readonly activate: boolean;
  readonly scheduleName?: string | null;
  /** The tick of that schedule. */
  readonly dueAt?: Date | null;
  /** Compare all kinds of models on what the run holds out. */
  readonly withLeaderboard?: boolean;
}

export interface RunProgress {
  readonly stage: TrainingStage;
  readonly progress: number;
  readonly snapshotHash?: string;
  readonly estimatedBytes?: number;
  readonly epoch?: RunEpoch;
  readonly parts?: RunParts;
}

export type RunOutcome =
  | {
      readonly status: 'succeeded';
      readonly modelId: string;
      readonly unchanged: boolean;
      readonly timingsMs: Readonly<Record<string, number>>;
      readonly peakRssBytes: number;
    }
  | {
      readonly status: 'failed';
      readonly error: RunError;
      readonly timingsMs?: Readonly<Record<string, number>>;
    }
  | { readonly status: 'cancelled' };

/** Runs that are not finished, in a condition. */
export const UNFINISHED = { in: ['queued', 'running'] };

/** The row of a run, in a transaction that holds the catalog. Its trace is that of the open span. */
export async function createRun(transaction: Transaction, input: NewTrainingRun): Promise<TrainingRun> {
  const { scheduleName = null, dueAt = null, withLeaderboard = false, ...rest } = input;
  const origin = { traceParent: traceParent() ?? rest.traceParent ?? null };
  const row = await transaction.trainingRun.create({
    data: { id: uuid(), ...rest, ...origin, scheduleName, dueAt, withLeaderboard },
  });
  return toRun(row);
}

/** What a run has taken that has made a model. */
export interface TrainedRun {
  readonly kind: string;
  readonly parameters: ModelParameters;
  readonly timingsMs: Readonly<Record<string, number>>;
  readonly numUsers: number;
  readonly numItems: number;
  readonly nnz: number;
}

const FIND_TRAINED = `SELECT r.kind, r.parameters, r.timings_ms AS "timingsMs", m.num_users AS "numUsers",
    m.num_items AS "numItems", m.num_interactions AS nnz
  FROM models m JOIN training_runs r ON r.id = m.run_id
  WHERE m.catalog_id = ${CATALOG} AND r.status = 'succeeded' ORDER BY m.created_at DESC LIMIT 10`;

export class TrainingRunsRepository {
  constructor(private readonly database: Database) {}

  async create(input: NewTrainingRun, idempotent?: IdempotentWrite<TrainingRun>): Promise<TrainingRun> {
    return this.database.transaction(async (transaction) => {
      await holdCatalog(transaction, input.catalogId);
      return createRun(transaction, input);
    }, idempotent);
  }

  /** @throws DomainError `training-run-not-found` */
  async load(catalogId: string, runId: string): Promise<TrainingRun> {
    const run = isUuid(runId) ? await this.find(runId) : null;
    if (run?.catalogId !== catalogId)
      throw new DomainError('training-run-not-found', `There is no training run "${runId}"`);
    return run;
  }

  async find(runId: string): Promise<TrainingRun | null> {
    const row = await this.database.run((prisma) => prisma.trainingRun.findUnique({ where: { id: runId } }));
    return row && toRun(row);
  }

  /** Newest first; of one schedule, or all. */
  async findPage(
    catalogId: string,
    before: string | null,
    limit: number,
    scheduleName?: string,
  ): Promise<Page<TrainingRun>> {
    const page = newestFirst(before, limit);
    const of = scheduleName === undefined ? {} : { scheduleName };
    const rows = await this.database.run((prisma) =>
      prisma.trainingRun.findMany({ ...page, where: { catalogId, ...of, ...page.where } }),
    );
    return toPage(rows.map(toRun), limit, (run) => run.id);
  }

  /** Of all catalogs; statuses that no run has are absent. */
  async countByStatus(): Promise<ReadonlyMap<TrainingRunStatus, number>> {
    const groups = await this.database.run((prisma) =>
      prisma.trainingRun.groupBy({ by: ['status'], _count: true }),
    );
    return new Map(groups.map(({ status, _count }) => [status as TrainingRunStatus, _count]));
  }

  /** The newest that have made a model of the catalog that is there still, the newest first. */
  async findTrained(catalogId: string): Promise<TrainedRun[]> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<TrainedRun>(FIND_TRAINED, [catalogId]),
    );
    return rows;
  }

  async findUnfinished(): Promise<TrainingRun[]> {
    const rows = await this.database.run((prisma) =>
      prisma.trainingRun.findMany({ where: { status: UNFINISHED }, orderBy: { id: 'asc' } }),
    );
    return rows.map(toRun);
  }

  /** Starts an attempt. @returns null when the run is finished or does not exist */
  async claim(runId: string, workerId: string): Promise<TrainingRun | null> {
    return this.#change(runId, () => ({
      status: 'running',
      workerId,
      attempts: { increment: 1 },
      startedAt: new Date(),
    }));
  }

  /**
   * A run that the worker has claimed waits again; nothing happens to one that another
   * worker has claimed meanwhile.
   */
  async release(runId: string, workerId: string): Promise<void> {
    await this.#change(runId, (row) =>
      row.workerId === workerId ? { status: 'queued', stage: 'queued', workerId: null, startedAt: null } : {},
    );
  }

  /** @returns whether somebody asked for the end of the run */
  async reportProgress(runId: string, report: RunProgress): Promise<{ readonly cancelRequested: boolean }> {
    const { estimatedBytes, epoch, parts, ...rest } = report;
    const run = await this.#change(runId, () => ({
      ...rest,
      ...(estimatedBytes !== undefined && { estimatedBytes }),
      ...(epoch && { epoch: { ...epoch } }),
      ...(parts && { parts: { ...parts } }),
    }));
    return { cancelRequested: run?.cancelRequested ?? true };
  }

  /** Keeps the comparison with an unfinished run. */
  async recordLeaderboard(runId: string, leaderboard: RunLeaderboard): Promise<void> {
    // Prisma's JSON type knows no readonly arrays.
    const rows = leaderboard as unknown as Prisma.InputJsonArray;
    await this.#change(runId, () => ({ leaderboard: rows }));
  }

  /**
   * A queued run is cancelled at once, a running one when its worker hears of
   * it. @throws DomainError `training-run-finished`
   */
  async requestCancel(catalogId: string, runId: string): Promise<TrainingRun> {
    await this.load(catalogId, runId);
    const run = await this.#change(runId, (row) =>
      row.status === 'queued'
        ? { status: 'cancelled', finishedAt: new Date(), cancelRequested: true }
        : { cancelRequested: true },
    );
    if (!run) throw new DomainError('training-run-finished', `Training run ${runId} is finished already`);
    return run;
  }

  /** Ends a run; does nothing when it is finished already. */
  async finish(runId: string, outcome: RunOutcome): Promise<void> {
    await this.#change(runId, () => ({ ...toUpdate(outcome), finishedAt: new Date() }));
  }

  /** Changes an unfinished run under its row lock and tells everybody. @returns null when it is finished */
  async #change(
    runId: string,
    change: (row: TrainingRunModel) => Parameters<Transaction['trainingRun']['update']>[0]['data'],
  ): Promise<TrainingRun | null> {
    return this.database.transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT 1 FROM training_runs WHERE id = ${runId}::uuid FOR UPDATE`;
      const row = await transaction.trainingRun.findUnique({ where: { id: runId } });
      if (!row || isFinished(toRun(row).status)) return null;
      const changed = await transaction.trainingRun.update({ where: { id: runId }, data: change(row) });
      if (isFinished(toRun(changed).status))
        await transaction.trainingCheckpoint.deleteMany({ where: { runId } });
      await notify(transaction, { kind: 'run-changed', catalogId: changed.catalogId, runId });
      return toRun(changed);
    });
  }
}

function toUpdate(outcome: RunOutcome) {
  if (outcome.status === 'succeeded') return { ...outcome, progress: 1, stage: 'done' };
  if (outcome.status === 'cancelled') return outcome;
  const { status, error, timingsMs = {} } = outcome;
  return { status, error: { ...error }, timingsMs };
}

function toRun(row: TrainingRunModel): TrainingRun {
  const { workerId: _workerId, kernels: _kernels, ...rest } = row;
  return {
    ...rest,
    status: row.status as TrainingRun['status'],
    stage: row.stage as TrainingRun['stage'],
    parameters: row.parameters as ModelParameters,
    leaderboard: row.leaderboard as unknown as RunLeaderboard | null,
    error: row.error as RunError | null,
    epoch: row.epoch as RunEpoch | null,
    parts: row.parts as RunParts | null,
    estimatedBytes: row.estimatedBytes === null ? null : Number(row.estimatedBytes),
    peakRssBytes: row.peakRssBytes === null ? null : Number(row.peakRssBytes),
    timingsMs: row.timingsMs as Record<string, number>,
  };
}
