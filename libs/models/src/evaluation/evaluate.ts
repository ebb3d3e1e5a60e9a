import type { Breadth, Metrics } from '#domain';
import type { ComputeThreads, CsrMatrix } from '#sparse';
import { pickRows, usersOf, type Split } from '../dataset/split.js';
import { summarize } from '../metrics/bootstrap.js';
import { coverageOf } from '../metrics/coverage.js';
import { exposureOf } from '../metrics/exposure.js';
import { giniOf } from '../metrics/gini.js';
import { ndcgAt } from '../metrics/ndcg.js';
import { recallAt } from '../metrics/recall.js';
import { popularityDeciles, TailRecall } from '../metrics/tail-recall.js';
import type { BatchRanker, Recommender } from '../recommender.js';

/** The best `k` items of one user of the training matrix, without the history. */
type Ranker = (train: CsrMatrix, user: number, k: number) => ArrayLike<number>;

export interface EvaluationOptions {
  readonly ks: readonly number[];
  /** Of the bootstrap. */
  readonly seed: number;
  readonly onProgress?: (fraction: number) => void;
}

export interface Evaluation {
  /** Users with at least one test item. */
  readonly users: number;
  readonly metrics: Metrics;
  /**
   * Each metric's value of each of these users, in the order of their rows: the same users for all
   * models on one split.
   */
  readonly perUser: { readonly [metric: string]: Float64Array };
  /** One entry an element of `ks`; see `coverageOf`, `giniOf`, `TailRecall` and `exposureOf`. */
  readonly catalogue: readonly Breadth[];
}

/**
 * Ranks all items outside of each user's training history and compares with the test items: Recall@K and
 * NDCG@K, mean over users with a test item. Never sampled negatives. A test item of value 0 is none.
 */
export function evaluate(recommender: Recommender, split: Split, options: EvaluationOptions): Evaluation {
  return evaluateRanker(
    (train, user, k) => recommender.recommend(train.row(user), k).indices,
    split,
    options,
  );
}

/** The same by all compute threads, where the model can; users without a test item are not ranked for. */
export async function evaluateModel(
  recommender: Recommender,
  split: Split,
  options: EvaluationOptions & { readonly compute: ComputeThreads },
): Promise<Evaluation> {
  const rankAll = recommender.recommendAll?.bind(recommender, options.compute);
  if (!rankAll) return evaluate(recommender, split, options);
  const { train } = split;
  const users = usersOf(split.test.withoutZeros());
  if (users.length === train.numRows) return evaluateBatch(rankAll, split, options);
  const { k, columns, counts } = await rankAll(pickRows(train, users), Math.max(...options.ks));
  const places = new Uint32Array(train.numRows);
  users.forEach((user, place) => (places[user] = place));
  const rank: Ranker = (_, user) =>
    columns.subarray(places[user]! * k, places[user]! * k + counts[places[user]!]!);
  return evaluateRanker(rank, split, options);
}

/** The same for a model that ranks for all users at once. */
export async function evaluateBatch(
  rankAll: BatchRanker,
  split: Split,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const { k, columns, counts } = await rankAll(split.train, Math.max(...options.ks));
  const rank: Ranker = (_, user) => columns.subarray(user * k, user * k + counts[user]!);
  return evaluateRanker(rank, split, options);
}

/** Users between two reports of progress. */
const REPORT_EVERY = 512;

function evaluateRanker(rank: Ranker, split: Split, options: EvaluationOptions): Evaluation {
  const { train } = split;
  const test = split.test.withoutZeros();
  const users = usersOf(test);
  const measures = options.ks.flatMap((k) => [
    { name: `recall@${k}`, at: recallAt, k, values: new Float64Array(users.length) },
    { name: `ndcg@${k}`, at: ndcgAt, k, values: new Float64Array(users.length) },
  ]);
  const deciles = popularityDeciles(train.withoutZeros().columnCounts());
  const shown = options.ks.map((k) => new ShownItems(k, deciles));
  const depth = Math.max(...options.ks);
  users.forEach((user, position) => {
    const ranked = rank(train, user, depth);
    const wanted = new Set(test.row(user).indices);
    for (const { at, k, values } of measures) values[position] = at(k, ranked, wanted);
    for (const items of shown) items.add(ranked, wanted);
    if (position % REPORT_EVERY === 0) options.onProgress?.(position / users.length);
  });
  options.onProgress?.(1);
  return {
    users: users.length,
    metrics: Object.fromEntries(measures.map(({ name, values }) => [name, summarize(values, options.seed)])),
    perUser: Object.fromEntries(measures.map(({ name, values }) => [name, values])),
    catalogue: shown.map((items) => items.metrics()),
  };
}

/** Counts over all lists cut at K. */
class ShownItems {
  readonly #exposure: Uint32Array;
  readonly #tail: TailRecall;

  constructor(
    readonly k: number,
    private readonly deciles: Uint8Array,
  ) {
    this.#exposure = new Uint32Array(deciles.length);
    this.#tail = new TailRecall(k, deciles);
  }

  add(ranked: ArrayLike<number>, wanted: ReadonlySet<number>): void {
    for (let rank = 0; rank < Math.min(this.k, ranked.length); rank++) this.#exposure[ranked[rank]!]!++;
    this.#tail.add(ranked, wanted);
  }

  metrics(): Breadth {
    return {
      k: this.k,
      coverage: coverageOf(this.#exposure),
      gini: giniOf(this.#exposure),
      tailRecall: this.#tail.means(),
      exposure: exposureOf(this.#exposure, this.deciles),
    };
  }
}

/** Of the longest lists that were measured. */
export function breadthOf({ catalogue }: Pick<Evaluation, 'catalogue'>): Breadth {
  return catalogue.reduce((longest, lists) => (lists.k > longest.k ? lists : longest));
}
