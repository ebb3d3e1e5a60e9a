import { setImmediate } from 'node:timers/promises';

/** Half of what a piece of work may keep the event loop. */
const TURN_MS = 5;

/** Lets other work go first whenever a longer piece of work has had its turn. */
export class TurnTaking {
  #started = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#started > TURN_MS;
  }

  /** To be called every millisecond or so. */
  async pause(): Promise<void> {
    if (!this.isOver) return;
    await setImmediate();
    this.#started = performance.now();
  }
}
