import type { Metrics, ModelParameters } from '#domain';
import type { ComputeThreads, CsrMatrix } from '#sparse';
import type { Split } from '../dataset/split.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { pairedDifference } from '../metrics/paired-difference.js';
import type { RecommenderKind } from '../recommender.js';
import { tune, type Candidate } from '../tuning/tune.js';

/** Which figure of the validation part decides. */
export const DECIDING_METRIC = 'ndcg@20';

export interface ValidationOptions {
  readonly seed: number;
  readonly compute: ComputeThreads;
  /** Choose the parameters that are not given; otherwise they have their defaults. */
  readonly tune: boolean;
  /** See `TuneOptions`. */
  readonly validation?: Split | undefined;
  readonly onCandidate?: ((candidate: Candidate, best: Candidate) => void) | undefined;
  readonly onFitting?: ((fraction: number) => void) | undefined;
}

/**
 * Fits a kind on a part of the training data and measures it on the rest (`tune`): with the given parameters,
 * or with those that are best there.
 */
export async function validateKind(
  kind: RecommenderKind,
  matrix: CsrMatrix,
  given: ModelParameters,
  options: ValidationOptions,
): Promise<Candidate> {
  const fixed = options.tune ? given : kind.parameters.parse(given);
  const { best } = await tune(kind, matrix, fixed, options);
  return best;
}

/** The model with the best figure on the validation part; the first of those that tie, and none of none. */
export function chooseBest<Row extends { readonly validation: Metrics }>(
  rows: readonly Row[],
): Row | undefined {
  const figureOf = (row: Row) => row.validation[DECIDING_METRIC]?.mean ?? -Infinity;
  return rows.reduce<Row | undefined>(
    (best, row) => (best && figureOf(best) >= figureOf(row) ? best : row),
    undefined,
  );
}

/** Each metric of `evaluation` minus that of `reference` on the same users, with its paired interval. */
export function differencesBetween(
  { perUser }: Pick<Evaluation, 'perUser'>,
  reference: Pick<Evaluation, 'perUser'>,
  seed: number,
): Metrics {
  return Object.fromEntries(
    Object.entries(perUser).map(([name, values]) => [
      name,
      pairedDifference(values, reference.perUser[name]!, seed),
    ]),
  );
}
