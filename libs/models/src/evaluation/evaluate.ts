import type { Metrics } from '@app/domain';
import type { CsrMatrix } from '@app/sparse';
import type { Split } from '../dataset/benchmark-file.js';
import { summarize } from '../metrics/bootstrap.js';
import { ndcgAt } from '../metrics/ndcg.js';
import { recallAt } from '../metrics/recall.js';
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
}

/**
 * Ranks all items outside of each user's training history and compares with the test items: Recall@K and NDCG@K, mean over
 * users with a test item. Never sampled negatives.
 */
export function evaluate(recommender: Recommender, split: Split, options: EvaluationOptions): Evaluation {
  return evaluateRanker(
    (train, user, k) => recommender.recommend(train.row(user), k).indices,
    split,
    options,
  );
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

function evaluateRanker(rank: Ranker, { train, test }: Split, options: EvaluationOptions): Evaluation {
  const users = Array.from({ length: test.numRows }, (_, user) => user).filter(
    (user) => test.indptr[user + 1]! > test.indptr[user]!,
  );
  const measures = options.ks.flatMap((k) => [
    { name: `recall@${k}`, at: recallAt, k, values: new Float64Array(users.length) },
    { name: `ndcg@${k}`, at: ndcgAt, k, values: new Float64Array(users.length) },
  ]);
  const depth = Math.max(...options.ks);
  users.forEach((user, position) => {
    const ranked = rank(train, user, depth);
    const wanted = new Set(test.row(user).indices);
    for (const { at, k, values } of measures) values[position] = at(k, ranked, wanted);
    if (position % REPORT_EVERY === 0) options.onProgress?.(position / users.length);
  });
  options.onProgress?.(1);
  return {
    users: users.length,
    metrics: Object.fromEntries(measures.map(({ name, values }) => [name, summarize(values, options.seed)])),
  };
}
