/** Users of the first block of a job. */
const FIRST_USERS = 256;
const MOST_USERS = 4_096;
/** Items that all lists of a block have at most. */
const MOST_ITEMS = 200_000;
/** A block is broken off at its end, so none should take long. */
const [SHORT_MS, LONG_MS] = [300, 900];

/** How many users the next block of a job has: as many as take about half a second. */
export class BlockSize {
  readonly #most: number;
  #users: number;

  constructor(k: number) {
    this.#most = Math.max(1, Math.min(MOST_USERS, Math.floor(MOST_ITEMS / k)));
    this.#users = Math.min(FIRST_USERS, this.#most);
  }

  get users(): number {
    return this.#users;
  }

  /** @param ms that a block of this many users took */
  note(users: number, ms: number): void {
    if (ms > LONG_MS) this.#users = Math.max(1, Math.floor(users / 2));
    else if (ms < SHORT_MS && users === this.#users) this.#users = Math.min(this.#most, 2 * this.#users);
  }
}
