/** How often the event loop is asked to tick. */
export const TICK_MS = 10;
/** From when it became late until calls are refused: a shorter pause is nobody's load. */
const PATIENCE_MS = 400;
/** How long it has to be in time until calls are let in. */
const RECOVERY_MS = 500;

/**
 * Whether an event loop has been late for so long that calls should be refused, by the time between ticks
 * that are due every `TICK_MS`. A tick that comes late is one measurement, however long the loop was held up,
 * so the worse the overload, the earlier it shows.
 *
 * Episodes of lateness with less than `RECOVERY_MS` between them are one. Calls are refused from the first
 * late tick on that comes `PATIENCE_MS` or more after the loop became late.
 */
export class LoopLateness {
  /** Whether to refuse calls. */
  isLate = false;
  /** How long the last late tick let wait for itself. */
  delayMs = 0;
  #tickedAt: number;
  #lateSince = 0;
  #lastLateAt = -Infinity;
  readonly #limitMs: number;

  /** @param maxDelayMs how late is late; less than two ticks cannot be told from none */
  constructor(maxDelayMs: number, nowMs: number) {
    this.#limitMs = Math.max(maxDelayMs, 2 * TICK_MS);
    this.#tickedAt = nowMs;
  }

  /** To be called by the loop every `TICK_MS`, by a clock that is never set. */
  tick(nowMs: number): void {
    const waitedMs = nowMs - this.#tickedAt;
    const becameLateAt = this.#tickedAt + this.#limitMs;
    this.#tickedAt = nowMs;
    if (waitedMs > this.#limitMs) this.#noteLate(becameLateAt, nowMs, waitedMs);
    else if (nowMs - this.#lastLateAt >= RECOVERY_MS) this.isLate = false;
  }

  #noteLate(becameLateAt: number, nowMs: number, waitedMs: number): void {
    if (becameLateAt - this.#lastLateAt >= RECOVERY_MS) this.#lateSince = becameLateAt;
    this.#lastLateAt = nowMs;
    this.delayMs = Math.round(waitedMs);
    if (nowMs - this.#lateSince >= PATIENCE_MS) this.isLate = true;
  }
}
