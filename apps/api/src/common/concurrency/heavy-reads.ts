import { Injectable } from '@nestjs/common';
import { WaitingLine } from './waiting-line.js';

/** Beyond that, waiting is of no use: each may take seconds. */
const MAX_WAITING = 19;
const RETRY_AFTER_SECONDS = 5;

/** Reads of much data, one at a time, so that they leave the database to the others. */
@Injectable()
export class HeavyReads {
  readonly #line = new WaitingLine({
    width: 1,
    room: MAX_WAITING,
    code: 'database-unavailable',
    detail: 'Too many reads of much data wait for the database',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

  /** @throws DomainError `database-unavailable` when too many wait already */
  run<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.#line.run(read);
  }
}
