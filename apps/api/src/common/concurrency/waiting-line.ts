import { DomainError, type ErrorCode } from '#domain';

interface Waiting {
  readonly ms: number;
  readonly begin: () => void;
  readonly refuse: (error: DomainError) => void;
}

export interface WaitingLineOptions {
  /** Pieces of work at once. */
  readonly width: number;
  /** Pieces that may wait for those at work; further ones are refused. */
  readonly room: number;
  /** What a refused piece is told. */
  readonly code: ErrorCode;
  readonly detail: string;
  /** How long a refused piece should stay away at least. */
  readonly retryAfterSeconds: number;
}

/** Work that is done a few at a time, first come first served, with a bound on how much may wait. */
export class WaitingLine {
  readonly #waiting: Waiting[] = [];
  #numAtWork = 0;
  #msAtWork = 0;
  #isClosed = false;

  constructor(private readonly options: WaitingLineOptions) {}

  get numWaiting(): number {
    return this.#waiting.length;
  }

  /**
   * @param ms how long the work will take, as far as one knows: it tells those that are refused
   * when to come back
   * @throws DomainError with the line's code when too many wait already, or the line was closed
   */
  async run<Result>(work: () => Promise<Result>, ms = 0): Promise<Result> {
    const { width, room } = this.options;
    if (this.#isClosed || (this.#numAtWork >= width && this.#waiting.length >= room)) throw this.#refusal();
    if (this.#numAtWork >= width)
      await new Promise<void>((begin, refuse) => this.#waiting.push({ ms, begin, refuse }));
    else this.#enter(ms);
    try {
      return await work();
    } finally {
      this.#numAtWork--;
      this.#msAtWork -= ms;
      this.#letNextIn();
    }
  }

  /** Refuses all that waits and comes; what is at work goes on. */
  close(): void {
    this.#isClosed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(this.#refusal());
  }

  #enter(ms: number): void {
    this.#numAtWork++;
    this.#msAtWork += ms;
  }

  /** Its place is taken before it begins, so that nobody gets in between. */
  #letNextIn(): void {
    const next = this.#waiting.shift();
    if (!next) return;
    this.#enter(next.ms);
    next.begin();
  }

  #refusal(): DomainError {
    const { code, detail, width, retryAfterSeconds } = this.options;
    const msAhead = this.#waiting.reduce((sum, { ms }) => sum + ms, this.#msAtWork);
    const wait = Math.max(retryAfterSeconds, Math.ceil(msAhead / width / 1_000));
    return new DomainError(code, detail, { retryAfterSeconds: wait });
  }
}
