import { ComputeThreads, type CsrMatrix } from '#sparse';
import { storedFactorBytes } from '../artifact/row-storage.js';
import { estimateEase } from '../ease/ease.cost.js';
import { largestWeights } from '../ease/ease.model.js';
import { fitToLikes } from '../likes.js';
import { countEntries } from '../linear/entries-per-row.js';
import { LinearModel, storedModels } from '../linear/linear.model.js';
import type { FitContext, FitEstimate, MatrixShape, RecommenderKind, TrainedModel } from '../recommender.js';
import { embedItems, lowRankOf } from '../spectral/item-embedding.js';
import { estimateEmbedding } from '../spectral/spectral.cost.js';
import { blendParameters, blendSearchSpace, type BlendParameters } from './blend.params.js';

const FORMAT = { name: 'blend', version: 1 };

/** Share of a fit that EASE takes, for its progress only. */
const EASE_SHARE = 0.8;

/**
 * s = x·(B + w·D^−b·V·Vᵀ·D^b): EASE, pruned as it is served (`ease`), and the ideal low-pass of the singular
 * vectors of the degree-normalised matrix (`embedItems`). EASE takes the directions that all share out of its
 * weights; the low-pass puts the long-range part of them back.
 */
async function fit(
  matrix: CsrMatrix,
  parameters: BlendParameters,
  { seed, onProgress, cache, solveBlocks, compute = new ComputeThreads({ threads: 1 }) }: FitContext,
): Promise<TrainedModel> {
  const ease = await largestWeights(matrix, parameters, {
    compute,
    seed,
    cache,
    solveBlocks,
    onProgress: (share) => onProgress?.(share * EASE_SHARE),
  });
  const embedding = await embedItems(matrix, parameters, {
    compute,
    seed,
    cache,
    onProgress: (share) => onProgress?.(EASE_SHARE + share * (1 - EASE_SHARE)),
  });
  const ideal = new Float32Array(embedding.vectors.numCols).fill(parameters.idealWeight);
  const parts = { weights: ease.weights, lowRank: lowRankOf(embedding, ideal) };
  const { residual, form } = ease;
  const storedAs = storedModels(compute.kernels, FORMAT, parts, { residual, form });
  return { recommender: storedAs(parameters.storage), kernel: compute.kernels.name, residual, storedAs };
}

/** EASE first, then the vectors while its kept entries stay. */
function estimate(shape: MatrixShape, parameters: BlendParameters, threads: number): FitEstimate {
  const ease = estimateEase(shape, parameters, threads);
  const embedding = estimateEmbedding(shape, parameters, threads);
  const kept = 8 * shape.numItems * countEntries(parameters.entriesPerRow, shape.numItems);
  return {
    peakBytes: Math.max(ease.peakBytes, kept + embedding.peakBytes),
    flops: ease.flops + embedding.flops,
    ...(ease.flowBytes !== undefined && { flowBytes: ease.flowBytes }),
    artifactBytes:
      ease.artifactBytes +
      storedFactorBytes(shape.numItems, embedding.rank, parameters.storage) +
      4 * (shape.numItems + embedding.rank),
  };
}

export const blend = {
  kind: FORMAT.name,
  description: 'EASE plus the ideal low-pass filter of singular vectors: the best of both, in closed form.',
  parameters: blendParameters,
  searchSpace: blendSearchSpace,
  estimate,
  fit: fitToLikes(fit),
  decode: LinearModel.decode.bind(null, FORMAT),
  restore: LinearModel.restore.bind(null, FORMAT),
} satisfies RecommenderKind<BlendParameters>;
