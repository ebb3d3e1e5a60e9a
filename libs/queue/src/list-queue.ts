import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { ListJob } from '#domain';
import { span } from '#tracing';
import { LIST_JOB, LIST_QUEUE, listQueueJobId, type ListQueueJob } from './jobs.js';
import { QueueConnection, reportQueueErrors } from './queue-connection.js';
import { JOB_OPTIONS } from './training-queue.js';

type QueuedJob = Pick<ListJob, 'id' | 'requestId' | 'traceParent'>;

/** Asks workers to make lists. All calls answer or fail with `queue-unavailable` in time. */
@Injectable()
export class ListQueue {
  constructor(
    @InjectQueue(LIST_QUEUE) private readonly queue: Queue<ListQueueJob>,
    private readonly connection: QueueConnection,
  ) {
    reportQueueErrors(queue, new Logger(ListQueue.name));
  }

  /** Enqueuing a job that is already in the queue changes nothing. */
  async enqueue({ id: listJobId, requestId, traceParent }: QueuedJob): Promise<void> {
    const job = { listJobId, requestId, traceParent };
    const options = { ...JOB_OPTIONS, jobId: listQueueJobId(listJobId) };
    const parent = traceParent === null ? {} : { parent: { traceparent: traceParent } };
    await span('lists enqueue', { kind: 'producer', ...parent }, () =>
      this.connection.attempt(() => this.queue.add(LIST_JOB, job, options)),
    );
  }

  /** Takes a waiting job out of the queue; one that a worker holds stays. */
  async remove(listJobId: string): Promise<void> {
    await this.connection.attempt(() => this.queue.remove(listQueueJobId(listJobId)));
  }

  async contains(listJobId: string): Promise<boolean> {
    const job = await this.connection.attempt(() => this.queue.getJob(listQueueJobId(listJobId)));
    return job !== undefined;
  }
}
