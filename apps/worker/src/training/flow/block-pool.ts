import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { ArtifactStore, type TrainingPart } from '#data';
import { unwrap, type ThreadOutcome } from '#domain';
import type { BlockThreadTask, SolvedBlocks } from './block-task.js';

/** A thread that has been idle this long ends, with the task that it keeps. */
const IDLE_TIMEOUT_MS = 1_000;

/** The thread that solves blocks, with compute threads of its own. */
@Injectable()
export class BlockPool implements OnApplicationShutdown {
  readonly #pool: Piscina<BlockThreadTask, ThreadOutcome<SolvedBlocks | null>>;

  constructor(private readonly store: ArtifactStore) {
    this.#pool = new Piscina({
      filename: new URL('./block-thread.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_TIMEOUT_MS,
    });
  }

  /** @param signal ends the thread at once */
  async solve(part: TrainingPart, threads: number, signal: AbortSignal): Promise<SolvedBlocks> {
    const { runId, task, firstBlock: first, numBlocks: count } = part;
    const given = { task, first, count, threads };
    const kept = await this.#run({ ...given, bytes: null }, signal);
    if (kept) return kept;
    const bytes = await this.store.load(runId, task);
    const solved = bytes && (await this.#run({ ...given, bytes }, signal));
    if (!solved) throw new Error(`The task ${task} of run ${runId} is not there.`);
    return solved;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.destroy();
  }

  async #run(given: BlockThreadTask, signal: AbortSignal): Promise<SolvedBlocks | null> {
    signal.throwIfAborted();
    const transferList = given.bytes ? [given.bytes.buffer] : [];
    return unwrap(await this.#pool.run(given, { signal, transferList }));
  }
}
