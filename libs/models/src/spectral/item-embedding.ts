import { computeTruncatedSvd, DenseMatrix, FactorMatrix, type ComputeThreads, type CsrMatrix } from '#sparse';
import type { FitContext } from '../recommender.js';
import type { EmbeddingParameters } from './spectral.params.js';

/** R = D_u^−eu·X·D_i^−ei and its largest singular vectors. */
export interface ItemEmbedding {
  readonly normalized: CsrMatrix;
  readonly singularValues: Float32Array;
  /** V, one row an item. */
  readonly vectors: DenseMatrix;
  /** D_i^b */
  readonly scaling: Float32Array;
  /** Largest residual of a vector. */
  readonly residual: number;
}

type EmbeddingContext = Pick<FitContext, 'seed' | 'onProgress' | 'cache'> & {
  readonly compute: ComputeThreads;
};

/**
 * Embeds items by the right singular vectors of the degree-normalised matrix R = D_u^−eu·X·D_i^−ei with D_u
 * and D_i the sums of squares of rows and columns of X: their degrees where all weights are 1.
 */
export async function embedItems(
  matrix: CsrMatrix,
  parameters: EmbeddingParameters,
  context: EmbeddingContext,
): Promise<ItemEmbedding> {
  const { userExponent, itemExponent, scalingExponent } = parameters;
  const { users, items } = degreesOf(matrix);
  const normalized = matrix.scale({
    rows: powers(users, -userExponent),
    columns: powers(items, -itemExponent),
  });
  const svd = await singularVectors(normalized, parameters, context);
  return {
    normalized,
    singularValues: svd.singularValues,
    vectors: svd.right,
    scaling: powers(items, scalingExponent),
    residual: svd.residuals.reduce((worst, residual) => Math.max(worst, residual), 0),
  };
}

/** Of the fits on one matrix, those with the same exponents share the vectors of the largest rank so far. */
async function singularVectors(
  normalized: CsrMatrix,
  { rank, userExponent, itemExponent, svdTolerance }: EmbeddingParameters,
  { compute, seed, onProgress, cache }: EmbeddingContext,
) {
  const key = `svd ${userExponent} ${itemExponent} ${svdTolerance} ${seed}`;
  const wanted = Math.min(rank, normalized.numRows, normalized.numCols);
  const cached = cache?.get(key) as Awaited<ReturnType<typeof computeTruncatedSvd>> | undefined;
  if (cached && cached.asked >= wanted) return leading(cached, wanted);
  const svd = await computeTruncatedSvd(compute, normalized, {
    rank: wanted,
    seed,
    tolerance: svdTolerance,
    onProgress,
  });
  cache?.set(key, svd);
  return svd;
}

function leading(svd: Awaited<ReturnType<typeof computeTruncatedSvd>>, rank: number) {
  const kept = Math.min(rank, svd.right.numCols);
  const right = DenseMatrix.zeros(svd.right.numRows, kept);
  for (let item = 0; item < right.numRows; item++) right.row(item).set(svd.right.row(item).subarray(0, kept));
  return {
    right,
    singularValues: svd.singularValues.subarray(0, kept),
    residuals: svd.residuals.subarray(0, kept),
  };
}

function degreesOf(matrix: CsrMatrix) {
  const [users, items] = [new Float64Array(matrix.numRows), new Float64Array(matrix.numCols)];
  for (let user = 0; user < matrix.numRows; user++)
    for (let e = matrix.indptr[user]!; e < matrix.indptr[user + 1]!; e++) {
      const square = matrix.values[e]! ** 2;
      users[user]! += square;
      items[matrix.indices[e]!]! += square;
    }
  return { users, items };
}

/** d^exponent; 1 for what has no interactions. */
function powers(degrees: Float64Array, exponent: number): Float32Array {
  return Float32Array.from(degrees, (degree) => (degree > 0 ? degree ** exponent : 1));
}

/** diag(1/s)·V·diag(weights)·Vᵀ·diag(s) for s = `scaling`, as factors F = diag(s)·V. */
export function lowRankOf({ vectors, scaling }: ItemEmbedding, weights: Float32Array) {
  const factors = DenseMatrix.zeros(vectors.numRows, vectors.numCols);
  for (let item = 0; item < vectors.numRows; item++) {
    const row = factors.row(item);
    vectors.row(item).forEach((value, f) => (row[f] = value * scaling[item]!));
  }
  return { factors: FactorMatrix.of(factors), entry: scaling.map((scale) => 1 / scale ** 2), weights };
}
