import { Injectable } from '@nestjs/common';
import { DomainError } from '@app/domain';

/** Beyond that, waiting is of no use: each may take seconds. */
const MAX_WAITING = 20;
const RETRY_AFTER_SECONDS = 5;

/** Reads of much data, one at a time, so that they leave the database to the others. */
@Injectable()
export class HeavyReads {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @throws DomainError `database-unavailable` when too many wait already */
  async run<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MAX_WAITING)
      throw new DomainError('database-unavailable', 'Too many reads of much data wait for the database', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    this.#waiting++;
    const mine = this.#last.then(read).finally(() => this.#waiting--);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
