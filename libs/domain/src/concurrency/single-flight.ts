interface Flight<Result> {
  readonly startedAt: number;
  readonly result: Promise<Result>;
}

/** Makes one piece of work of many calls for the same key at once; the next call after its end works anew. */
export class SingleFlight<Result> {
  readonly #running = new Map<string, Flight<Result>>();

  /** @param joinMs how long after its begin a call still joins the work; what it reads may be as old */
  constructor(private readonly joinMs = Infinity) {}

  run(key: string, work: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(key);
    const startedAt = performance.now();
    if (running && startedAt - running.startedAt < this.joinMs) return running.result;
    const result = work().finally(() => {
      if (this.#running.get(key) === flight) this.#running.delete(key);
    });
    const flight = { startedAt, result };
    this.#running.set(key, flight);
    return result;
  }
}
