import { Logger } from '@nestjs/common';
import type { JobsOptions, Queue } from 'bullmq';
import type { RunOrigin } from '#domain';
import { span } from '#tracing';
import { QueueConnection, reportQueueErrors } from './queue-connection.js';

/**
 * Finished jobs leave nothing behind: the row keeps the outcome, and an old job with the same id would
 * swallow a second enqueueing. The attempts cover about two minutes of a transient fault.
 */
export const JOB_OPTIONS = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: true,
} as const satisfies JobsOptions;

/** A row that a worker is to carry out, and the request that asked for it. */
type QueuedRow = RunOrigin & { readonly id: string };

/** How a queue says which row a job stands for. */
interface RowJobs<Job> {
  readonly name: string;
  readonly spanName: string;
  readonly idOf: (rowId: string) => string;
  readonly toData: (rowId: string) => Omit<Job, keyof RunOrigin>;
}

/**
 * Asks workers to carry out rows of PostgreSQL, which say everything that a job does not. All calls answer or
 * fail with `queue-unavailable` in time.
 */
export class RowQueue<Job extends Partial<RunOrigin>> {
  constructor(
    private readonly queue: Queue<Job>,
    private readonly connection: QueueConnection,
    private readonly jobs: RowJobs<Job>,
  ) {
    reportQueueErrors(queue, new Logger(new.target.name));
  }

  /** Enqueuing a row that is already in the queue changes nothing. */
  async enqueue({ id, requestId, traceParent }: QueuedRow): Promise<void> {
    const { name, spanName, idOf, toData } = this.jobs;
    const data = { ...toData(id), requestId, traceParent };
    const options = { ...JOB_OPTIONS, jobId: idOf(id) };
    const parent = traceParent === null ? {} : { parent: { traceparent: traceParent } };
    const queue: Queue = this.queue;
    await span(spanName, { kind: 'producer', ...parent }, () =>
      this.connection.attempt(() => queue.add(name, data, options)),
    );
  }

  /** Takes a waiting row out of the queue; one that a worker holds stays. */
  async remove(id: string): Promise<void> {
    await this.connection.attempt(() => this.queue.remove(this.jobs.idOf(id)));
  }

  async contains(id: string): Promise<boolean> {
    const job = await this.connection.attempt(() => this.queue.getJob(this.jobs.idOf(id)));
    return job !== undefined;
  }
}
