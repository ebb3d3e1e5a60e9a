import { likesOf } from './likes.js';
import type { History, Recommender } from './recommender.js';

/** A history that is long enough to show what its items cost. */
const LONG_HISTORY = 64;
const LONG_LIST = 1_000;
/**
 * A call is timed so often, since the first ones run code that is not compiled to its best yet, and others
 * use the processor too.
 */
const MOST_RUNS = 5;
const MOST_MS = 60;

/** Milliseconds of a call by what grows with it. */
interface Line {
  readonly start: number;
  readonly slope: number;
}

/** What was measured of a model, in milliseconds. */
export interface KernelFigures {
  /** A list of one place, by the steps of the history. */
  readonly perStep: Line;
  /** Each place of a list more. */
  readonly perPlace: number;
  /** The item most similar to one. */
  readonly similar: number;
  /** The parts of a score, by the items of the history. */
  readonly explain: Line;
}

/**
 * How long the calls of one model take on this machine, by timing a few of them: what a call takes in any
 * case, for each step of a history, and for each place of a list.
 */
export class KernelTimes {
  constructor(
    private readonly recommender: Recommender,
    readonly figures: KernelFigures,
  ) {}

  /** Takes about twenty times as long as a long call, and lets others go first in between. */
  static async measure(
    recommender: Recommender,
    { now = () => performance.now(), pause = (): Promise<unknown> => Promise.resolve() } = {},
  ): Promise<KernelTimes> {
    const [one, many] = histories(recommender.numItems);
    const fastest = async (call: () => unknown): Promise<number> => {
      const ms = fastestOf(call, now);
      await pause();
      return ms;
    };
    const single = await fastest(() => recommender.recommend(one, 1));
    const long = await fastest(() => recommender.recommend(many, 1));
    const wide = await fastest(() => recommender.recommend(one, LONG_LIST));
    const isEmpty = recommender.numItems === 0;
    const similar = isEmpty ? 0 : await fastest(() => recommender.similarItems(0, 1));
    const short = isEmpty ? 0 : await fastest(() => recommender.explain(one, 0));
    const full = isEmpty ? 0 : await fastest(() => recommender.explain(many, 0));
    const steps = (history: History) => recommender.countSteps(history);
    return new KernelTimes(recommender, {
      perStep: lineThrough([steps(one), single], [steps(many), long]),
      perPlace: Math.max(0, wide - single) / (LONG_LIST - 1),
      similar,
      explain: lineThrough([one.indices.length, short], [many.indices.length, full]),
    });
  }

  /** One list of k items for a history, or all scores. */
  scoringMs(history: History, k = 0): number {
    return valueOf(this.figures.perStep, this.recommender.countSteps(history)) + this.placesMs(k);
  }

  /** What k places of a list add to that. */
  placesMs(k: number): number {
    return k * this.figures.perPlace;
  }

  /** The k items most related to one. */
  similarMs(k: number): number {
    return this.figures.similar + k * this.figures.perPlace;
  }

  /** The parts of one score. */
  explainMs(history: History): number {
    return valueOf(this.figures.explain, likesOf(history).indices.length);
  }
}

/** One item, and some from all over the catalog. */
function histories(numItems: number): readonly [History, History] {
  return [historyOf(Math.min(1, numItems), numItems), historyOf(Math.min(LONG_HISTORY, numItems), numItems)];
}

/** The least of some runs: whatever disturbs one makes it slower. */
function fastestOf(call: () => unknown, now: () => number): number {
  const started = now();
  let fastest = Infinity;
  for (let run = 0; run < MOST_RUNS && now() - started < MOST_MS; run++) {
    const before = now();
    settle(call);
    fastest = Math.min(fastest, now() - before);
  }
  return fastest;
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
