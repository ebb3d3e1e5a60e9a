import type { QueueBacklog } from '#queue';

/** Looks in a row, one a second, after which a queue counts as stuck. */
export const STUCK_AFTER_LOOKS = 4;

/**
 * Notices a queue whose jobs nobody takes. After an outage of Redis a BullMQ worker may stay connected and
 * yet never fetch again (taskforcesh/bullmq#4585 and its kin); only a new worker helps.
 */
export class FetchWatchdog {
  #looks = 0;

  /** @returns true when the workers of this queue need to be made anew */
  observe({ due, active }: QueueBacklog): boolean {
    this.#looks = due > 0 && active === 0 ? this.#looks + 1 : 0;
    if (this.#looks < STUCK_AFTER_LOOKS) return false;
    this.#looks = 0;
    return true;
  }

  reset(): void {
    this.#looks = 0;
  }
}
