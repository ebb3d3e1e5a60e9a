import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { JobsOptions, Queue } from 'bullmq';
import type { TrainingRun } from '#domain';
import { span } from '#tracing';
import { TRAINING_QUEUE, TRAINING_JOB, trainingJobId, type TrainingJob } from './jobs.js';
import { QueueConnection, reportQueueErrors } from './queue-connection.js';

/**
 * Finished jobs leave nothing behind: the run's row keeps the outcome, and an old job with the same id would
 * swallow a second enqueueing. The attempts cover about two minutes of a transient fault.
 */
export const JOB_OPTIONS = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: true,
} as const satisfies JobsOptions;

type QueuedRun = Pick<TrainingRun, 'id' | 'requestId' | 'traceParent'>;

/** Asks workers to carry out training runs. All calls answer or fail with `queue-unavailable` in time. */
@Injectable()
export class TrainingQueue {
  constructor(
    @InjectQueue(TRAINING_QUEUE) private readonly queue: Queue<TrainingJob>,
    private readonly connection: QueueConnection,
  ) {
    reportQueueErrors(queue, new Logger(TrainingQueue.name));
  }

  /** Enqueuing a run that is already in the queue changes nothing. */
  async enqueue({ id: runId, requestId, traceParent }: QueuedRun): Promise<void> {
    const job = { runId, requestId, traceParent };
    const options = { ...JOB_OPTIONS, jobId: trainingJobId(runId) };
    const parent = traceParent === null ? {} : { parent: { traceparent: traceParent } };
    await span('training enqueue', { kind: 'producer', ...parent }, () =>
      this.connection.attempt(() => this.queue.add(TRAINING_JOB, job, options)),
    );
  }

  /** Takes a waiting run out of the queue; one that a worker holds stays. */
  async remove(runId: string): Promise<void> {
    await this.connection.attempt(() => this.queue.remove(trainingJobId(runId)));
  }

  async contains(runId: string): Promise<boolean> {
    const job = await this.connection.attempt(() => this.queue.getJob(trainingJobId(runId)));
    return job !== undefined;
  }
}
