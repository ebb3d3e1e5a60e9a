import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { SCHEDULE_QUEUE, TRAINING_QUEUE, type QueueName } from './jobs.js';
import { QueueConnection } from './queue-connection.js';

/** What one look at a queue shows. */
export interface QueueBacklog {
  /** Jobs that a worker could take now; delayed ones that are due count as one. */
  readonly due: number;
  /** Jobs held by any worker. */
  readonly active: number;
}

/** Tells whether jobs wait that nobody takes. */
@Injectable()
export class QueueBacklogs {
  readonly #queues: Readonly<Record<QueueName, Queue>>;

  constructor(
    @InjectQueue(TRAINING_QUEUE) training: Queue,
    @InjectQueue(SCHEDULE_QUEUE) schedule: Queue,
    private readonly connection: QueueConnection,
  ) {
    this.#queues = { [TRAINING_QUEUE]: training, [SCHEDULE_QUEUE]: schedule };
  }

  /** @throws DomainError `queue-unavailable` */
  async find(name: QueueName): Promise<QueueBacklog> {
    return this.connection.attempt(() => findBacklog(this.#queues[name]));
  }
}

/** Due delayed jobs become waiting ones only by a worker, so a stuck worker leaves them delayed. */
async function findBacklog(queue: Queue): Promise<QueueBacklog> {
  const { wait = 0, active = 0 } = await queue.getJobCounts('wait', 'active');
  if (wait > 0) return { due: wait, active };
  const [next] = await queue.getDelayed(0, 0);
  const isDue = next !== undefined && next.timestamp + next.delay < Date.now();
  return { due: isDue ? 1 : 0, active };
}
