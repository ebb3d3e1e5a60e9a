const SAMPLE_INTERVAL_MS = 50;

/** Largest resident set of the process, compute threads included, between construction and `stop`. */
export class PeakMemory {
  #peakBytes = process.memoryUsage.rss();
  readonly #timer = setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS);

  stop(): number {
    clearInterval(this.#timer);
    this.#sample();
    return this.#peakBytes;
  }

  #sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss());
  }
}
