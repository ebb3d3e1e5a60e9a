import { Injectable, Logger } from '@nestjs/common';
import { TrainingRunsRepository } from '#data';
import type { TrainingRun } from '#domain';
import { TrainingQueue } from '#queue';
import { withRunNames } from '../common/run-names.js';

/** Puts unfinished runs back whose job vanished: the queue was flushed, or enqueuing failed. */
@Injectable()
export class RunRefill {
  readonly #logger = new Logger(RunRefill.name);

  constructor(
    private readonly runs: TrainingRunsRepository,
    private readonly queue: TrainingQueue,
  ) {}

  async refill(): Promise<void> {
    for (const run of await this.runs.findUnfinished())
      if (!(await this.queue.contains(run.id))) await withRunNames(run, () => this.#requeue(run));
  }

  async #requeue(run: TrainingRun): Promise<void> {
    await this.queue.enqueue(run);
    this.#logger.warn({ event: 'training.requeued', runId: run.id });
  }
}
