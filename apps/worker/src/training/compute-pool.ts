import { MessageChannel } from 'node:worker_threads';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { ENVIRONMENT, type Environment } from '#config';
import { Sequence, type RunParts, type ThreadOutcome, type TrainingRun, unwrap } from '#domain';
import type { EpochReport, TrainingInput, TrainingResult } from '#models';
import { BlockFlow } from './flow/block-flow.js';
import type { FlowMessage, WantedBlocks } from './flow/flow-messages.js';
import { RunCheckpoints } from './run-checkpoints.js';
import {
  CHECKPOINT_DONE,
  type ComputeProgress,
  type ThreadMessage,
  type TrainingTask,
} from './training-task.js';

/**
 * A thread that has been idle this long ends, and its WebAssembly memory, which never shrinks, is given back.
 */
const IDLE_TIMEOUT_MS = 1_000;

export interface ComputeOptions {
  readonly onProgress: (progress: ComputeProgress) => void;
  readonly onEpoch: (epoch: EpochReport) => void;
  readonly onParts: (parts: RunParts) => void;
  /** Its checkpoints are kept, and it goes on from the last one of an earlier attempt. */
  readonly run: TrainingRun;
  /** Ends the thread at once. */
  readonly signal: AbortSignal;
}

/** Threads for the CPU part of runs, so that the event loop keeps renewing locks and reporting progress. */
@Injectable()
export class ComputePool implements OnApplicationShutdown {
  readonly #pool: Piscina<TrainingTask, ThreadOutcome<TrainingResult>>;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly checkpoints: RunCheckpoints,
    private readonly flow: BlockFlow,
  ) {
    this.#pool = new Piscina({
      filename: new URL('./training-thread.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: environment.TRAINING_CONCURRENCY,
      idleTimeout: IDLE_TIMEOUT_MS,
    });
  }

  /** @throws DomainError `kernels-differ` when other workers have to go on with the run */
  async assertMayTrain(run: TrainingRun): Promise<void> {
    await this.flow.assertMayTake(run);
  }

  /**
   * Trains in a thread. The arrays of `data` are moved there, not copied: they are empty here afterwards,
   * unless they are shared.
   */
  async train(
    data: Omit<TrainingInput, 'threads'>,
    { signal, run, onProgress, onEpoch, onParts }: ComputeOptions,
  ): Promise<TrainingResult> {
    const input = { ...data, threads: this.environment.TRAINING_THREADS };
    const checkpoint = await this.checkpoints.load(run);
    signal.throwIfAborted();
    const { port1, port2 } = new MessageChannel();
    // A later checkpoint must not be overtaken by an earlier one.
    const inOrder = new Sequence();
    const keep = (bytes: Uint8Array) =>
      this.checkpoints.keep(run, bytes).then(() => port1.postMessage(CHECKPOINT_DONE));
    port1.on(
      'message',
      listener({ onProgress, onEpoch, onCheckpoint: (bytes) => void inOrder.run(() => keep(bytes)) }),
    );
    const checkpointEveryMs = this.environment.TRAINING_CHECKPOINT_SECONDS * 1_000;
    const blocks = this.#shareBlocks(run, { signal, onParts });
    try {
      const outcome = await this.#pool.run(
        { input, port: port2, blocks: blocks.port, checkpoint, checkpointEveryMs },
        { signal: blocks.signal, transferList: [port2, blocks.port, ...transferableBuffers(input)] },
      );
      return unwrap(outcome);
    } catch (error) {
      throw blocks.failure.aborted ? blocks.failure.reason : error;
    } finally {
      port1.close();
      blocks.close();
    }
  }

  /** A port by which a thread of the run has blocks solved. What goes wrong with them aborts the signal. */
  #shareBlocks(run: TrainingRun, { signal: given, onParts }: Pick<ComputeOptions, 'signal' | 'onParts'>) {
    const { port1, port2: port } = new MessageChannel();
    const failure = new AbortController();
    const signal = AbortSignal.any([given, failure.signal]);
    const tell = (message: FlowMessage) =>
      port1.postMessage(message, 'bytes' in message ? [message.bytes.buffer] : []);
    port1.on('message', (wanted: WantedBlocks) => {
      this.flow.solve(run, wanted, { signal, tell, onParts }).catch((error: unknown) => failure.abort(error));
    });
    return { port, signal, failure: failure.signal, close: () => port1.close() };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.destroy();
  }
}

interface Listeners extends Pick<ComputeOptions, 'onProgress' | 'onEpoch'> {
  readonly onCheckpoint: (bytes: Uint8Array) => void;
}

function listener({ onProgress, onEpoch, onCheckpoint }: Listeners): (message: ThreadMessage) => void {
  return (message) => {
    if (message.kind === 'progress') onProgress(message.progress);
    else if (message.kind === 'epoch') onEpoch(message.epoch);
    else onCheckpoint(message.bytes);
  };
}

function transferableBuffers(input: TrainingInput): ArrayBuffer[] {
  const arrays = [input.indptr, input.indices, input.values, input.itemKeys];
  const buffers = arrays.map((array) => array.buffer);
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}
