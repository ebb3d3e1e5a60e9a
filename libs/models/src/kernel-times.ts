import type { History, Recommender } from './recommender.js';

/** A history that is long enough to show what its items cost. */
const LONG_HISTORY = 64;
const LONG_LIST = 1_000;
/** A call is timed so often, since the first ones run code that is not compiled to its best yet, and others use the processor too. */
const MOST_RUNS = 5;
const MOST_MS = 60;

/** Milliseconds of a call by what grows with it. */
interface Line {
  readonly start: number;
  readonly slope: number;
}

/**
 * How long the calls of one model take on this machine, by timing a few of them: what a call takes in any case, for each step of a
 * history, and for each place of a list.
 */
export class KernelTimes {
  #perStep: Line = { start: 0, slope: 0 };
  #perPlace = 0;
  #similar: number | undefined;
  #explain: Line | undefined;

  private constructor(
    private readonly recommender: Recommender,
    private readonly now: () => number,
  ) {}

  /** Takes about ten times as long as a long call, and lets others go first in between. */
  static async measure(
    recommender: Recommender,
    { now = () => performance.now(), pause = (): Promise<unknown> => Promise.resolve() } = {},
  ): Promise<KernelTimes> {
    const times = new KernelTimes(recommender, now);
    const [one, many] = times.#histories;
    const single = times.#fastest(() => recommender.recommend(one, 1));
    await pause();
    const long = times.#fastest(() => recommender.recommend(many, 1));
    await pause();
    const wide = times.#fastest(() => recommender.recommend(one, LONG_LIST));
    const steps = (history: History) => recommender.countSteps(history);
    times.#perStep = lineThrough([steps(one), single], [steps(many), long]);
    times.#perPlace = Math.max(0, wide - single) / (LONG_LIST - 1);
    return times;
  }

  /** One list of k items for a history, or all scores. */
  scoringMs(history: History, k = 0): number {
    return valueOf(this.#perStep, this.recommender.countSteps(history)) + k * this.#perPlace;
  }

  /** The k items most related to one. Timed when it is first asked for. */
  similarMs(k: number): number {
    this.#similar ??= this.#fastest(() => this.recommender.similarItems(0, 1));
    return this.#similar + k * this.#perPlace;
  }

  /** The parts of one score. Timed when it is first asked for. */
  explainMs(history: History): number {
    const [one, many] = this.#histories;
    this.#explain ??= lineThrough(
      [one.indices.length, this.#fastest(() => this.recommender.explain(one, 0))],
      [many.indices.length, this.#fastest(() => this.recommender.explain(many, 0))],
    );
    return valueOf(this.#explain, history.indices.length);
  }

  /** One item, and some from all over the catalog. */
  get #histories(): readonly [History, History] {
    const { numItems } = this.recommender;
    return [
      historyOf(Math.min(1, numItems), numItems),
      historyOf(Math.min(LONG_HISTORY, numItems), numItems),
    ];
  }

  /** The least of some runs: whatever disturbs one makes it slower. */
  #fastest(call: () => unknown): number {
    const started = this.now();
    let fastest = Infinity;
    for (let run = 0; run < MOST_RUNS && this.now() - started < MOST_MS; run++) {
      const before = this.now();
      settle(call);
      fastest = Math.min(fastest, this.now() - before);
    }
    return fastest;
  }
}

/** A call that is refused, as a fold-in that float32 cannot solve is, takes its time all the same. */
function settle(call: () => unknown): void {
  try {
    call();
  } catch {
    // Whoever makes it for an answer is told.
  }
}

function historyOf(length: number, numItems: number): History {
  const indices = Uint32Array.from({ length }, (_, n) => Math.floor((n * numItems) / length));
  return { indices, values: new Float32Array(length).fill(1) };
}

function lineThrough([x, y]: readonly [number, number], [right, higher]: readonly [number, number]): Line {
  const slope = right > x ? Math.max(0, higher - y) / (right - x) : 0;
  return { start: Math.max(0, y - slope * x), slope };
}

function valueOf({ start, slope }: Line, x: number): number {
  return start + slope * x;
}
