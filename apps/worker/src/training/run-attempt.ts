import type { TrainingRunsRepository } from '#data';
import type { TrainingRun, TrainingStage } from '#domain';
import { span } from '#tracing';
import { PeakMemory } from './peak-memory.js';
import { RunReporter } from './run-reporter.js';

/** Someone else finished the run or took it over; what this attempt made is dropped. */
export class RunSupersededError extends Error {
  constructor() {
    super('The run was finished or taken over by another worker.');
    this.name = 'RunSupersededError';
  }
}

/** One worker's attempt at a run: its progress, timings, memory, and the reasons to end it early. */
export class RunAttempt {
  /** Aborts on interruption, on a wish to cancel, and when progress can be told no more. */
  readonly signal: AbortSignal;
  readonly reporter: RunReporter;
  readonly timingsMs: Record<string, number> = {};
  readonly #cancellation = new AbortController();
  readonly #failure = new AbortController();
  readonly #memory = new PeakMemory();

  constructor(
    readonly run: TrainingRun,
    runs: Pick<TrainingRunsRepository, 'reportProgress'>,
    interrupted: AbortSignal,
  ) {
    this.signal = AbortSignal.any([interrupted, this.#cancellation.signal, this.#failure.signal]);
    if (run.cancelRequested) this.#cancellation.abort();
    this.reporter = new RunReporter(runs, run.id, {
      onCancelRequested: () => this.#cancellation.abort(),
      onFailure: (error) => this.#failure.abort(error),
    });
    this.reporter.start();
  }

  get wasCancelled(): boolean {
    return this.#cancellation.signal.aborted;
  }

  /** The reason behind an error that merely says "aborted". */
  reasonOf(error: unknown): unknown {
    return this.#failure.signal.aborted ? this.#failure.signal.reason : error;
  }

  /** Carries out one stage, unless the run is to end, and notes its time. */
  async step<T>(stage: TrainingStage, work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    this.reporter.update(stage, 0);
    const startedAt = performance.now();
    try {
      return await span(`training ${stage}`, {}, work);
    } finally {
      this.timingsMs[stage] = Math.round(performance.now() - startedAt);
    }
  }

  /** Nothing is reported after this resolves. @returns peak resident bytes */
  async end(): Promise<number> {
    await this.reporter.stop();
    return this.#memory.stop();
  }
}
