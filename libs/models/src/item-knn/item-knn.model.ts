import { ComputeThreads, nearestColumns, type CsrMatrix } from '#sparse';
import { storedBytes } from '../artifact/row-storage.js';
import { fitToLikes } from '../likes.js';
import { LinearModel, storedModels } from '../linear/linear.model.js';
import type { FitContext, FitEstimate, MatrixShape, RecommenderKind, TrainedModel } from '../recommender.js';
import { itemKnnParameters, itemKnnSearchSpace, type ItemKnnParameters } from './item-knn.params.js';
import { weigh } from './item-knn.weighting.js';

const FORMAT = { name: 'item-knn', version: 1 };

/** Users differ in their number of items: Σ_u d_u² is taken to be this many times nnz² / m. */
const UNEVENNESS = 4;

/**
 * Scores s = x·S for a history x and the largest entries in each row of S, a similarity of items from one
 * sparse product of the weighted user-item matrix with itself (`weigh`).
 */
async function fit(
  matrix: CsrMatrix,
  parameters: ItemKnnParameters,
  { onProgress, compute = new ComputeThreads({ threads: 1 }) }: FitContext,
): Promise<TrainedModel> {
  const { kernels } = compute;
  const { y, similarity } = weigh(matrix, parameters);
  const neighbours = await nearestColumns(
    compute,
    y,
    { ...similarity, keep: parameters.entriesPerRow },
    { onProgress },
  );
  const storedAs = storedModels(kernels, FORMAT, { weights: neighbours });
  return { recommender: storedAs(parameters.storage), kernel: kernels.name, storedAs };
}

/** Bytes at the peak: X, Y and Yᵀ, the last two once more in each thread, and the kept entries. */
function estimate(
  { numUsers, numItems, nnz }: MatrixShape,
  { entriesPerRow, storage }: ItemKnnParameters,
  threads: number,
): FitEstimate {
  const kept = numItems * Math.min(entriesPerRow, numItems);
  const sparse = 2 * (8 * nnz + 4 * (numUsers + numItems + 2));
  return {
    peakBytes: (2 + threads) * sparse + threads * 16 * numItems + 3 * 8 * kept,
    flops: (2 * UNEVENNESS * nnz ** 2) / Math.max(1, numUsers),
    artifactBytes: storedBytes(numItems, kept, storage) + 1024,
  };
}

export const itemKnn = {
  kind: FORMAT.name,
  description:
    'Nearest items by one sparse product: Turbo-CF (SIGIR 2024), BM25 or cosine. Fitted in seconds.',
  parameters: itemKnnParameters as RecommenderKind<ItemKnnParameters>['parameters'],
  searchSpace: itemKnnSearchSpace,
  estimate,
  fit: fitToLikes(fit),
  decode: LinearModel.decode.bind(null, FORMAT),
  restore: LinearModel.restore.bind(null, FORMAT),
} satisfies RecommenderKind<ItemKnnParameters>;
