import { Injectable, Logger } from '@nestjs/common';
import { TrainingRunsRepository } from '#data';
import { TrainingQueue } from '#queue';

/** Puts unfinished runs back whose job vanished: the queue was flushed, or enqueuing failed. */
@Injectable()
export class RunRefill {
  readonly #logger = new Logger(RunRefill.name);

  constructor(
    private readonly runs: TrainingRunsRepository,
    private readonly queue: TrainingQueue,
  ) {}

  async refill(): Promise<void> {
    for (const { id: runId } of await this.runs.findUnfinished()) {
      if (await this.queue.contains(runId)) continue;
      await this.queue.enqueue(runId);
      this.#logger.warn({ event: 'training.requeued', runId });
    }
  }
}
