import { ENVIRONMENT, type Environment } from '@app/config';
import { DomainError } from '@app/domain';
import type { TrainingInput, TrainingResult } from '@app/models';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ComputeProgress, TrainingTask, TrainingTaskOutcome } from './training-task.js';

/** A thread that has been idle this long ends, and its WebAssembly memory, which never shrinks, is given back. */
const IDLE_TIMEOUT_MS = 1_000;

export interface ComputeOptions {
  readonly onProgress: (progress: ComputeProgress) => void;
  /** Ends the thread at once. */
  readonly signal: AbortSignal;
}

/** Threads for the CPU part of runs, so that the event loop keeps renewing locks and reporting progress. */
@Injectable()
export class ComputePool implements OnApplicationShutdown {
  private readonly pool: Piscina<TrainingTask, TrainingTaskOutcome>;

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {
    this.pool = new Piscina({
      filename: new URL('./training-thread.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: environment.TRAINING_CONCURRENCY,
      idleTimeout: IDLE_TIMEOUT_MS,
    });
  }

  /**
   * Trains in a thread. The arrays of `data` are moved there, not copied: they are empty here afterwards, unless
   * they are shared.
   */
  async train(
    data: Omit<TrainingInput, 'threads'>,
    { onProgress, signal }: ComputeOptions,
  ): Promise<TrainingResult> {
    const input = { ...data, threads: this.environment.TRAINING_THREADS };
    const { port1, port2 } = new MessageChannel();
    port1.on('message', onProgress);
    try {
      const outcome = await this.pool.run(
        { input, progress: port2 },
        { signal, transferList: [port2, ...transferableBuffers(input)] },
      );
      if (outcome.ok) return outcome.result;
      throw new DomainError(outcome.code, outcome.detail);
    } finally {
      port1.close();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }
}

function transferableBuffers(input: TrainingInput): ArrayBuffer[] {
  const arrays = [input.indptr, input.indices, input.values, input.itemKeys];
  const buffers = arrays.map((array) => array.buffer);
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}
