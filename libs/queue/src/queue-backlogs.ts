import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import {
  BLOCK_QUEUE,
  LIST_QUEUE,
  QUEUE_NAMES,
  SCHEDULE_QUEUE,
  TRAINING_QUEUE,
  type QueueName,
} from './jobs.js';
import { QueueConnection } from './queue-connection.js';

/** What one look at a queue shows. */
export interface QueueBacklog {
  /** Jobs that a worker could take now; delayed ones that are due count as one. */
  readonly due: number;
  /** Jobs held by any worker. */
  readonly active: number;
}

/** How many jobs a queue has, and how late it is. */
export interface QueueDepth {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  /** How long the oldest job has been due that nobody has taken; 0: there is none. */
  readonly oldestMs: number;
}

/** Tells what waits in the queues, and whether nobody takes it. */
@Injectable()
export class QueueBacklogs {
  readonly #queues: Readonly<Record<QueueName, Queue>>;

  constructor(
    @InjectQueue(TRAINING_QUEUE) training: Queue,
    @InjectQueue(SCHEDULE_QUEUE) schedule: Queue,
    @InjectQueue(LIST_QUEUE) lists: Queue,
    @InjectQueue(BLOCK_QUEUE) blocks: Queue,
    private readonly connection: QueueConnection,
  ) {
    this.#queues = {
      [TRAINING_QUEUE]: training,
      [SCHEDULE_QUEUE]: schedule,
      [LIST_QUEUE]: lists,
      [BLOCK_QUEUE]: blocks,
    };
  }

  /** @throws DomainError `queue-unavailable` */
  async find(name: QueueName): Promise<QueueBacklog> {
    return this.connection.attempt(() => findBacklog(this.#queues[name]));
  }

  /** @throws DomainError `queue-unavailable` */
  async measure(): Promise<ReadonlyMap<QueueName, QueueDepth>> {
    const measure = async (name: QueueName) => [name, await measureQueue(this.#queues[name])] as const;
    return this.connection.attempt(async () => new Map(await Promise.all(QUEUE_NAMES.map(measure))));
  }
}

async function measureQueue(queue: Queue): Promise<QueueDepth> {
  const { wait = 0, active = 0, delayed = 0 } = await queue.getJobCounts('wait', 'active', 'delayed');
  const [oldest] = wait > 0 ? await queue.getWaiting(0, 0) : await queue.getDelayed(0, 0);
  const oldestMs = oldest ? Math.max(0, Date.now() - dueAt(oldest)) : 0;
  return { waiting: wait, active, delayed, oldestMs };
}

/** A tick is made when the one before is due, and has lost its delay when it waits. */
function dueAt({ opts: { prevMillis }, timestamp, delay }: Job): number {
  return prevMillis ?? timestamp + delay;
}

/** Due delayed jobs become waiting ones only by a worker, so a stuck worker leaves them delayed. */
async function findBacklog(queue: Queue): Promise<QueueBacklog> {
  const { wait = 0, active = 0 } = await queue.getJobCounts('wait', 'active');
  if (wait > 0) return { due: wait, active };
  const [next] = await queue.getDelayed(0, 0);
  const isDue = next !== undefined && next.timestamp + next.delay < Date.now();
  return { due: isDue ? 1 : 0, active };
}
