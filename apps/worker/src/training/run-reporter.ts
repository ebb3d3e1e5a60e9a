import type { TrainingRunsRepository } from '#data';
import { isTransient, type RunEpoch, type RunParts, type TrainingStage } from '#domain';
import type { EpochReport } from '#models';
import { withoutSpans } from '#tracing';
import { progressOf } from './run-progress.js';

/** Four reports a second while something changes, one while nothing does, to learn of a wish to cancel. */
const TICK_MS = 250;
const SILENCE_MS = 1_000;

interface Report {
  readonly stage: TrainingStage;
  readonly progress: number;
  readonly snapshotHash?: string;
  readonly estimatedBytes?: number;
  readonly epoch?: RunEpoch;
  readonly parts?: RunParts;
}

export interface RunReporterOptions {
  readonly onCancelRequested: () => void;
  /** A report failed for a reason that will not pass. */
  readonly onFailure: (error: unknown) => void;
}

/** Writes a run's progress to its row, rarely enough for the database and often enough for a person. */
export class RunReporter {
  #latest: Report = { stage: 'estimating', progress: 0 };
  #changed = true;
  /** By a clock that only goes on: the time of day may be stepped back by an hour. */
  #reportedAt = -Infinity;
  #sending: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly runs: Pick<TrainingRunsRepository, 'reportProgress'>,
    private readonly runId: string,
    private readonly options: RunReporterOptions,
  ) {}

  start(): void {
    // Spans of each report would be most of a run's trace.
    this.#timer = withoutSpans(() => setInterval(() => this.#tick(), TICK_MS));
  }

  update(
    stage: TrainingStage,
    fraction: number,
    facts: Pick<Report, 'snapshotHash' | 'estimatedBytes'> = {},
  ): void {
    const progress = Math.max(this.#latest.progress, progressOf(stage, fraction));
    this.#latest = { ...this.#latest, ...facts, stage, progress };
    this.#changed = true;
  }

  /** Most epochs measure nothing on the validation part: what an earlier one of the phase measured stays. */
  noteEpoch({ phase, epoch, loss, validation, durationMs }: EpochReport): void {
    const before = this.#latest.epoch?.phase === phase ? this.#latest.epoch.validation : null;
    const noted = {
      phase,
      epoch,
      loss,
      validation: validation ?? before,
      durationMs: Math.round(durationMs),
    };
    this.#latest = { ...this.#latest, epoch: noted };
    this.#changed = true;
  }

  noteParts(parts: RunParts): void {
    const { done, all } = this.#latest.parts ?? {};
    if (parts.done === done && parts.all === all) return;
    this.#latest = { ...this.#latest, parts };
    this.#changed = true;
  }

  /** Reports now what is not reported yet. */
  async flush(): Promise<void> {
    await this.#sending;
    if (this.#changed) await this.#send();
  }

  /** After this resolves nothing is written any more. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#sending;
  }

  #tick(): void {
    if (this.#sending !== null) return;
    if (!this.#changed && performance.now() - this.#reportedAt < SILENCE_MS) return;
    void this.#send();
  }

  #send(): Promise<void> {
    this.#sending = this.#report().finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #report(): Promise<void> {
    this.#changed = false;
    this.#reportedAt = performance.now();
    try {
      const { cancelRequested } = await this.runs.reportProgress(this.runId, this.#latest);
      if (cancelRequested) this.options.onCancelRequested();
    } catch (error) {
      if (isTransient(error)) this.#changed = true;
      else this.options.onFailure(error);
    }
  }
}
