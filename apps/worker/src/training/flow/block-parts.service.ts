import { Injectable, Logger } from '@nestjs/common';
import {
  ArtifactStore,
  TrainingPartsRepository,
  type PartNeeds,
  type TrainingPart,
  type TrainingPartId,
} from '#data';
import { DomainError } from '#domain';
import { withoutSpans } from '#tracing';
import { describeFailure } from '../../common/describe-failure.js';
import { WORKER_ID } from '../../common/worker-identity.js';
import { NotForThisWorkerError } from '../../processing/not-for-this-worker.error.js';
import { PartCounts } from '../../telemetry/part-counts.js';
import { BlockPool } from './block-pool.js';
import { OwnMeans } from './own-means.js';

/** Blocks that lose their worker this often are what kills it. */
const MAX_ATTEMPTS = 20;
/** How often an attempt looks whether anybody wants the part. */
const LOOK_MS = 500;

/** A part that this worker has, and the compute threads that it has room for. */
interface TakenPart {
  readonly part: TrainingPart;
  readonly threads: number;
}

/** Solves parts of runs. A part is named by its content, so that two workers may solve the same. */
@Injectable()
export class BlockPartsService {
  readonly #logger = new Logger(BlockPartsService.name);
  /** The last run of which parts were refused. */
  #refused: string | null = null;

  constructor(
    private readonly parts: TrainingPartsRepository,
    private readonly store: ArtifactStore,
    private readonly pool: BlockPool,
    private readonly own: OwnMeans,
    private readonly counts: PartCounts,
  ) {}

  /**
   * Resolves when the part is done, by whomever, or not wanted any more; rejects when this attempt failed.
   *
   * @param interrupted ends the attempt without ending the part
   * @throws NotForThisWorkerError when the kernels of this worker round otherwise than those of the run, or
   * it has no room for the part
   */
  async solve(id: TrainingPartId, interrupted: AbortSignal): Promise<void> {
    const needs = await this.parts.findNeeds(id, WORKER_ID);
    const threads = needs ? this.#threadsFor(id, needs) : 0;
    const part = needs && (await this.parts.claim(id, WORKER_ID));
    if (!part) {
      this.#logger.debug({ event: 'blocks.skipped', ...id });
      return;
    }
    const unwanted = new AbortController();
    const watch = withoutSpans(() => setInterval(() => void this.#look(id, unwanted), LOOK_MS));
    try {
      await this.#complete({ part, threads }, AbortSignal.any([interrupted, unwanted.signal]));
    } catch (error) {
      // What a part needs goes with its run, maybe before the next look.
      if (!interrupted.aborted) await this.#look(id, unwanted);
      if (!unwanted.signal.aborted) throw error;
      this.counts.noteEnd('dropped');
      this.#logger.log({ event: 'blocks.dropped', ...id });
    } finally {
      clearInterval(watch);
    }
  }

  /** Ends a part, and by it the run, for good. */
  async fail(id: TrainingPartId, error: unknown): Promise<void> {
    const failure = describeFailure(error, 'run');
    if (failure.code === 'internal-error') this.#logger.error({ event: 'blocks.failed', ...id, error });
    else this.#logger.warn({ event: 'blocks.failed', ...id, ...failure });
    await this.parts.fail(id, failure);
    this.counts.noteEnd('failed');
  }

  /** Of a run of its own, whose estimate counts the parts, a worker takes them always. */
  #threadsFor({ runId }: TrainingPartId, needs: PartNeeds): number {
    const { kernels, isOwn, fixedBytes, threadBytes } = needs;
    const threads = Math.max(this.own.threadsFor(needs), isOwn ? 1 : 0);
    if (threads > 0 && (kernels === null || kernels === this.own.probe)) return threads;
    if (this.#refused !== runId) {
      const facts = { kernels, own: this.own.probe, fixedBytes, threadBytes, threads };
      this.#logger.warn({ event: 'blocks.refused', runId, ...facts });
    }
    this.#refused = runId;
    this.counts.noteEnd('refused');
    throw new NotForThisWorkerError();
  }

  async #complete({ part, threads }: TakenPart, signal: AbortSignal): Promise<void> {
    const { runId, task, position, numBlocks, attempts } = part;
    if (attempts > MAX_ATTEMPTS)
      throw new DomainError('internal-error', `Blocks of the run lost their worker ${MAX_ATTEMPTS} times.`);
    const startedAt = performance.now();
    const { name, bytes } = await this.pool.solve(part, threads, signal);
    if (!(await this.store.put(runId, name, bytes))) return;
    await this.parts.complete(part, name);
    this.counts.noteEnd('solved');
    const durationMs = Math.round(performance.now() - startedAt);
    this.#logger.log({ event: 'blocks.solved', runId, task, position, numBlocks, attempts, durationMs });
  }

  /** That it cannot be known passes: what nobody wants is not kept. */
  async #look(id: TrainingPartId, unwanted: AbortController): Promise<void> {
    const isWanted = await this.parts.isWanted(id).catch(() => true);
    if (!isWanted) unwanted.abort();
  }
}
