import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { BLOCK_JOB, BLOCK_QUEUE, blockJobId, type BlockJob } from './jobs.js';
import { QueueConnection, reportQueueErrors } from './queue-connection.js';
import { JOB_OPTIONS } from './row-queue.js';

/** Asks workers to solve blocks of runs. All calls answer or fail with `queue-unavailable` in time. */
@Injectable()
export class BlockQueue {
  constructor(
    @InjectQueue(BLOCK_QUEUE) private readonly queue: Queue<BlockJob>,
    private readonly connection: QueueConnection,
  ) {
    reportQueueErrors(queue, new Logger(BlockQueue.name));
  }

  /** Enqueuing a part that is already in the queue changes nothing. */
  async enqueueAll(parts: readonly Required<BlockJob>[]): Promise<void> {
    const jobs = parts.map(({ runId, task, position, requestId, traceParent }) => {
      const data = { runId, task, position, requestId, traceParent };
      return { name: BLOCK_JOB, data, opts: { ...JOB_OPTIONS, jobId: blockJobId(data) } };
    });
    await this.connection.attempt(() => this.queue.addBulk(jobs));
  }

  /** Jobs that wait or that a worker holds. */
  async count(): Promise<number> {
    return this.connection.attempt(() => this.queue.getJobCountByTypes('wait', 'active', 'delayed'));
  }
}
