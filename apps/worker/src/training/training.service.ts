import { Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CODE_VERSION } from '#config';
import { ModelsRepository, TrainingRunsRepository, type Snapshot } from '#data';
import { DomainError, isFinished, type Model, type ModelParameters, type TrainingRun } from '#domain';
import {
  parseParameters,
  type CostLimit,
  type EpochReport,
  type TrainingInput,
  type TrainingResult,
} from '#models';
import { span } from '#tracing';
import { describeFailure } from '../common/describe-failure.js';
import { WORKER_ID } from '../common/worker-identity.js';
import { RunCounts } from '../telemetry/run-counts.js';
import { ComputePool } from './compute-pool.js';
import { PromotionService, type RunResult } from './promotion.service.js';
import { RunAttempt, RunSupersededError } from './run-attempt.js';
import { StageSpans } from './stage-spans.js';
import { shapeOf, TrainingDataService } from './training-data.service.js';
import type { ComputeProgress } from './training-task.js';

/** A run that loses its worker this often is what kills it. */
const MAX_ATTEMPTS = 20;
/** Of the held-out split and of what a model draws; a `seed` among the parameters takes precedence. */
const DEFAULT_SEED = 1;

/**
 * Carries out training runs. Every step may be repeated: another worker may have begun the same run before.
 */
@Injectable()
export class TrainingService {
  readonly #logger = new Logger(TrainingService.name);

  constructor(
    private readonly runs: TrainingRunsRepository,
    private readonly models: ModelsRepository,
    private readonly data: TrainingDataService,
    private readonly threads: ComputePool,
    private readonly promotion: PromotionService,
    private readonly counts: RunCounts,
  ) {}

  /**
   * Resolves when the run is finished, by this worker or another; rejects when this attempt failed, and then
   * the run is as it was.
   *
   * @param interrupted ends the attempt without ending the run
   */
  async train(runId: string, interrupted: AbortSignal): Promise<void> {
    const run = await this.runs.claim(runId, WORKER_ID);
    if (run === null) {
      this.#logger.log({ event: 'training.skipped', runId });
      return;
    }
    const { catalogId, kind, attempts } = run;
    this.#logger.log({ event: 'training.started', runId, catalogId, kind, attempts });
    const attempt = new RunAttempt(run, this.runs, interrupted);
    try {
      await this.#complete(attempt, await this.#carryOut(attempt));
    } catch (error) {
      await this.#endEarly(attempt, error, interrupted);
    } finally {
      await attempt.end();
      this.counts.noteStages(kind, attempt.timingsMs);
    }
  }

  /** An unfinished run that this worker has claimed waits again, for whoever claims it next. */
  async release(runId: string): Promise<void> {
    await this.runs.release(runId, WORKER_ID);
  }

  /** Ends a run for good. */
  async fail(runId: string, error: unknown): Promise<void> {
    const failure = describeFailure(error, 'run');
    if (failure.code === 'internal-error') this.#logger.error({ event: 'training.failed', runId, error });
    else this.#logger.warn({ event: 'training.failed', runId, ...failure });
    const run = await this.runs.find(runId);
    if (run === null) return;
    await this.runs.finish(runId, { status: 'failed', error: failure });
    this.counts.noteEnd(run.kind, 'failed');
    await this.promotion.recordOutcome(run, `run ${runId} failed: ${failure.detail}`);
  }

  async #carryOut(attempt: RunAttempt): Promise<RunResult> {
    const { run } = attempt;
    if (run.attempts > MAX_ATTEMPTS)
      throw new DomainError('internal-error', `The run lost its worker ${MAX_ATTEMPTS} times.`);
    await this.threads.assertMayTrain(run);
    const parameters = parseParameters(run.kind, run.parameters);
    const limit = await attempt.step('estimating', () => this.#checkMemory(attempt, parameters));
    const snapshot = await attempt.step('loading', () => this.#loadSnapshot(attempt));
    const equal = await this.models.findEqual(run.catalogId, run.kind, parameters, snapshot.hash);
    if (equal?.runId === run.id) return { model: equal, unchanged: false, leaderboard: run.leaderboard };
    const reused = equal && (await this.#reuse(run, equal));
    return reused ?? this.#makeModel(attempt, parameters, snapshot, limit);
  }

  /** An equal model of another run; null when a leaderboard is asked for and that run made none. */
  async #reuse({ id, withLeaderboard }: TrainingRun, model: Model): Promise<RunResult | null> {
    if (!withLeaderboard) return { model, unchanged: true, leaderboard: null };
    const leaderboard = (await this.runs.find(model.runId))?.leaderboard ?? null;
    if (leaderboard === null) return null;
    await this.runs.recordLeaderboard(id, leaderboard);
    return { model, unchanged: true, leaderboard };
  }

  async #checkMemory({ run, reporter, signal }: RunAttempt, parameters: ModelParameters): Promise<CostLimit> {
    const estimate = await this.data.estimate(run, parameters, signal);
    reporter.update('estimating', 1, { estimatedBytes: estimate.estimatedBytes });
    await reporter.flush();
    estimate.assertWithinBudget();
    return estimate.leaderboardLimit;
  }

  async #loadSnapshot({ run, reporter, signal }: RunAttempt): Promise<Snapshot> {
    const onProgress = (fraction: number) => reporter.update('loading', fraction);
    const snapshot = await this.data.load(run, { onProgress, signal });
    reporter.update('loading', 1, { snapshotHash: snapshot.hash });
    return snapshot;
  }

  async #makeModel(
    attempt: RunAttempt,
    parameters: ModelParameters,
    snapshot: Snapshot,
    limit: CostLimit,
  ): Promise<RunResult> {
    const { run } = attempt;
    const { numUsers, numItems, nnz } = shapeOf(snapshot);
    const leaderboardLimit = run.withLeaderboard ? limit : undefined;
    const trained = await this.#compute(attempt, snapshot, { parameters, leaderboardLimit });
    const { artifact, metrics, baseline, measuredUsers = null, breadth = null, kernel } = trained;
    const { leaderboard = null } = trained;
    const publication = {
      id: uuidv7(),
      catalogId: run.catalogId,
      runId: run.id,
      kind: run.kind,
      parameters,
      metrics,
      baseline,
      measuredUsers,
      breadth,
      snapshotHash: snapshot.hash,
      codeVersion: CODE_VERSION,
      kernel,
      nodeVersion: process.versions.node,
      postgresVersion: snapshot.postgresVersion,
      numUsers,
      numItems,
      numInteractions: nnz,
    };
    return attempt.step('writing', async () => {
      await this.#assertStillOurs(run);
      await attempt.reporter.flush();
      if (leaderboard) await this.runs.recordLeaderboard(run.id, leaderboard);
      const model = await this.models.publish(publication, artifact);
      return { model, unchanged: false, leaderboard };
    });
  }

  async #compute(
    attempt: RunAttempt,
    { itemKeys, indptr, indices, values, userKeys }: Snapshot,
    settings: Pick<TrainingInput, 'parameters' | 'leaderboardLimit'>,
  ): Promise<TrainingResult> {
    const { run, reporter, signal } = attempt;
    const matrix = {
      numUsers: userKeys.length,
      numItems: itemKeys.length,
      indptr,
      indices,
      values,
      itemKeys,
    };
    const { seed: given } = settings.parameters;
    const seed = typeof given === 'number' ? given : DEFAULT_SEED;
    signal.throwIfAborted();
    const spans = new StageSpans();
    const onProgress = ({ stage, fraction }: ComputeProgress) => {
      spans.enter(stage);
      reporter.update(stage, fraction);
    };
    const trained = await this.threads
      .train(
        { ...matrix, ...settings, kind: run.kind, seed },
        {
          ...{ run, signal, onProgress },
          onEpoch: (epoch) => this.#noteEpoch(attempt, epoch),
          onParts: (parts) => reporter.noteParts(parts),
        },
      )
      .finally(() => spans.end());
    Object.assign(attempt.timingsMs, trained.timingsMs);
    return trained;
  }

  #noteEpoch({ run, reporter }: RunAttempt, report: EpochReport): void {
    reporter.noteEpoch(report);
    this.#logger.debug({ event: 'training.epoch', runId: run.id, ...report });
  }

  /** Claiming counts attempts, so a later claim shows. */
  async #assertStillOurs({ id, attempts }: TrainingRun): Promise<void> {
    const current = await this.runs.find(id);
    if (current === null || isFinished(current.status) || current.attempts !== attempts)
      throw new RunSupersededError();
  }

  async #complete(attempt: RunAttempt, result: RunResult): Promise<void> {
    const { run, timingsMs } = attempt;
    const { model, unchanged } = result;
    await span('training promoting', {}, () => this.promotion.promote(run, result));
    const peakRssBytes = await attempt.end();
    await this.runs.finish(run.id, {
      status: 'succeeded',
      modelId: model.id,
      unchanged,
      timingsMs,
      peakRssBytes,
    });
    this.counts.noteEnd(run.kind, unchanged ? 'unchanged' : 'succeeded');
    const { numUsers, numItems, numInteractions: nnz } = model;
    const durationMs = Object.values(timingsMs).reduce((sum, stageMs) => sum + stageMs, 0);
    const event = unchanged ? 'training.unchanged' : 'training.completed';
    const shape = { numUsers, numItems, nnz };
    this.#logger.log({ event, runId: run.id, modelId: model.id, ...shape, durationMs, peakRssBytes });
  }

  async #endEarly(attempt: RunAttempt, error: unknown, interrupted: AbortSignal): Promise<void> {
    const { run } = attempt;
    await attempt.end();
    if (!attempt.wasCancelled && !(error instanceof RunSupersededError)) {
      if (interrupted.aborted) this.counts.noteEnd(run.kind, 'interrupted');
      throw attempt.reasonOf(error);
    }
    if (attempt.wasCancelled) await this.runs.finish(run.id, { status: 'cancelled' });
    await this.#reportEnd(run);
  }

  /** A run that another worker finished looks like a cancelled one to this attempt. */
  async #reportEnd({ id: runId, kind, attempts }: TrainingRun): Promise<void> {
    const current = await this.runs.find(runId);
    if (current?.status !== 'cancelled') {
      this.counts.noteEnd(kind, 'superseded');
      this.#logger.warn({ event: 'training.superseded', runId, attempts });
      return;
    }
    this.counts.noteEnd(kind, 'cancelled');
    await this.promotion.recordOutcome(current, `run ${runId} was cancelled`);
    this.#logger.log({ event: 'training.cancelled', runId });
  }
}
