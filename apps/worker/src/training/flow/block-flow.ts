import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ArtifactStore, TrainingPartsRepository } from '#data';
import { DomainError, isTransient, type RunError, type RunParts, type TrainingRun } from '#domain';
import { cutIntoParts } from '#models';
import { BlockQueue } from '#queue';
import { RunSupersededError } from '../run-attempt.js';
import type { FlowMessage, WantedBlocks } from './flow-messages.js';
import { OwnMeans } from './own-means.js';

/** How often it looks how far the parts are. */
const LOOK_MS = 200;

export interface FlowOptions {
  readonly signal: AbortSignal;
  readonly tell: (message: FlowMessage) => void;
  readonly onParts: (parts: RunParts) => void;
}

/**
 * Shares the blocks of a run's fit among workers, and waits for them. Only PostgreSQL says what is done: the
 * queue may lose everything, and whoever claims the run next goes on with the parts that there are.
 */
@Injectable()
export class BlockFlow {
  readonly #logger = new Logger(BlockFlow.name);

  constructor(
    private readonly parts: TrainingPartsRepository,
    private readonly store: ArtifactStore,
    private readonly queue: BlockQueue,
    private readonly own: OwnMeans,
  ) {}

  /**
   * Another attempt may have begun to share the run's blocks.
   *
   * @throws DomainError `kernels-differ` when the kernels of this worker round otherwise
   */
  async assertMayTake({ id }: TrainingRun): Promise<void> {
    const kernels = await this.parts.findKernels(id);
    if (kernels === null || kernels === this.own.probe) return;
    throw new DomainError(
      'kernels-differ',
      `The blocks of the run began on kernels ${short(kernels)}, and this worker has ${short(this.own.probe)}.`,
    );
  }

  /** @throws RunSupersededError when the run is another attempt's, or over */
  async solve(
    run: TrainingRun,
    { task, bytes, numBlocks, memory }: WantedBlocks,
    options: FlowOptions,
  ): Promise<void> {
    const isKept = await this.store.put(run.id, task, bytes);
    const needs = { kernels: this.own.probe, ...memory };
    const unneeded = isKept ? await this.parts.open(run, task, cutIntoParts(numBlocks), needs) : null;
    if (unneeded === null) throw new RunSupersededError();
    await this.store.remove(run.id, unneeded);
    this.#logger.log({ event: 'blocks.planned', runId: run.id, task, numBlocks });
    do {
      await this.#enqueue(run.id);
      const error = await this.#untilDone(run.id, task, options);
      if (error) {
        options.tell({ kind: 'failed', error });
        return;
      }
    } while (!(await this.#tellResults(run.id, task, options)));
    options.tell({ kind: 'done' });
  }

  /** The reconciler adds what is not added now. */
  async #enqueue(runId: string): Promise<void> {
    const open = (await this.parts.findOpen()).filter((part) => part.runId === runId);
    await this.queue.enqueueAll(open).catch((error: unknown) => {
      this.#logger.warn({ event: 'blocks.not-enqueued', runId, error });
    });
  }

  /** @returns why a part has failed; null when all are done */
  async #untilDone(
    runId: string,
    task: string,
    { signal, tell, onParts }: FlowOptions,
  ): Promise<RunError | null> {
    for (;;) {
      const progress = await this.parts.progress(runId, task).catch(passOutage);
      if (progress) {
        const { parts, blocks, blocksDone, error } = progress;
        if (blocks === 0) throw new RunSupersededError();
        onParts(parts);
        if (error) return error;
        tell({ kind: 'progress', share: blocksDone / blocks });
        if (blocksDone === blocks) return null;
      }
      await delay(LOOK_MS, undefined, { signal });
    }
  }

  /** @returns false when a result is not there, which is to be found again */
  async #tellResults(runId: string, task: string, { signal, tell }: FlowOptions): Promise<boolean> {
    for (const part of await this.parts.findResults(runId, task)) {
      signal.throwIfAborted();
      const { position, result } = part;
      const bytes = await this.store.load(runId, result);
      if (bytes === null) {
        this.#logger.warn({ event: 'blocks.lost', runId, task, position, result });
        await this.store.remove(runId, [result]);
        await this.parts.reopen(part);
        return false;
      }
      tell({ kind: 'part', position, bytes });
    }
    return true;
  }
}

/** Enough to tell some kernels from others. */
function short(probe: string): string {
  return probe.slice(0, 12);
}

/** Workers go on meanwhile, or wait themselves. */
function passOutage(error: unknown): null {
  if (isTransient(error)) return null;
  throw error;
}
