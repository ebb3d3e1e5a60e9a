import { Injectable, Logger } from '@nestjs/common';
import { ListJobsRepository } from '#data';
import { ListQueue } from '#queue';
import { withRunNames } from '../common/run-names.js';

/** Puts unfinished list jobs back that are in no queue: it was flushed, or enqueuing failed. */
@Injectable()
export class ListJobRefill {
  readonly #logger = new Logger(ListJobRefill.name);

  constructor(
    private readonly jobs: ListJobsRepository,
    private readonly queue: ListQueue,
  ) {}

  async refill(): Promise<void> {
    for (const job of await this.jobs.findUnfinished()) {
      if (await this.queue.contains(job.id)) continue;
      await this.queue.enqueue(job);
      withRunNames(job, () => this.#logger.warn({ event: 'list-job.requeued', listJobId: job.id }));
    }
  }
}
