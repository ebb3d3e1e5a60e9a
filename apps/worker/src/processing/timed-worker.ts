import { Logger } from '@nestjs/common';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { withTimeLimit } from '#queue';

/** For telling the queue's server, once no job is worked on. */
const CLOSE_LIMIT_MS = 3_000;

/**
 * BullMQ's `close` has no time limit of its own: it waits for jobs, and for the end of a connection that is
 * already gone when Redis is away. This one ends in time, whoever calls it and however often; jobs it leaves
 * are found stalled by other workers.
 */
export class TimedWorker extends Worker {
  /** How long `close` waits for jobs that are worked on. */
  patienceMs = 0;
  readonly #logger = new Logger(TimedWorker.name);
  #ending: Promise<void> | null = null;

  override close(force = false): Promise<void> {
    return (this.#ending ??= this.#closeInTime(force || this.#isServerAway()));
  }

  /** Then there is nobody to be told and nothing to wait for. */
  #isServerAway(): boolean {
    const { connection } = this.opts;
    return connection instanceof Redis && connection.status !== 'ready';
  }

  async #closeInTime(force: boolean): Promise<void> {
    try {
      await withTimeLimit(super.close(force), this.patienceMs + CLOSE_LIMIT_MS);
    } catch (error) {
      this.#logger.warn({ event: 'worker.close-abandoned', queueName: this.name, error });
    }
  }
}
