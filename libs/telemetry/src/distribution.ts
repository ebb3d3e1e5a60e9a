/** How many values were at most as large as each bound, as a Prometheus histogram counts them. */
export class Distribution {
  /** Of each bound those above the one before; the last beyond all bounds. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds ascending */
  constructor(private readonly bounds: readonly number[]) {
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let place = 0;
    while (place < this.bounds.length && value > this.bounds[place]!) place++;
    this.#counts[place]!++;
    this.#sum += value;
  }

  /** Values at most as large as each bound, and at last all. */
  get cumulated(): number[] {
    let sum = 0;
    return this.#counts.map((count) => (sum += count));
  }

  get sum(): number {
    return this.#sum;
  }
}
