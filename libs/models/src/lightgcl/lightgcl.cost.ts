import { GraphTrainer, ItemScorer } from '#sparse';
import { scoringFactorBytes, storedFactorBytes } from '../artifact/row-storage.js';
import type { FitEstimate, MatrixShape } from '../recommender.js';
import { denominatorNodes, pace, type LightgclParameters } from './lightgcl.params.js';

/** Bytes of one thread's block of exponents. */
const BLOCK_BYTES = 32 * 2 ** 20;
/**
 * Copies of the embeddings outside of the trainer: state, results, both sides of the contrast and their
 * derivatives; and of a checkpoint's three matrices the state, its frame, the frame around that and what is
 * on its way to the database.
 */
const COPIES = 8 + 4 * 3;

/**
 * Embeddings, moments and derivatives of all nodes, the graph, and in each thread both sides of the contrast
 * with a block of exponents. FLOPs of all epochs; with patience the data is trained on twice.
 */
export function estimateLightgcl(
  { numUsers, numItems, nnz }: MatrixShape,
  parameters: LightgclParameters,
  threads: number,
): FitEstimate {
  const { factors, layers, svdRank, epochs, contrastWeight, patience, storage } = parameters;
  const { batchSize } = pace(parameters, nnz);
  const nodes = numUsers + numItems;
  const matrix = nodes * factors * 4;
  const contrast = contrastWeight > 0 ? threads * (2 * matrix + 2 * BLOCK_BYTES) : 0;
  const peakBytes =
    GraphTrainer.bytesFor(nodes, factors, nnz, svdRank) +
    COPIES * matrix +
    48 * nnz +
    contrast +
    ItemScorer.bytesFor(numItems, 0, scoringFactorBytes(numItems, factors, storage));
  const steps = Math.ceil(nnz / batchSize);
  const propagation = 8 * layers * nnz * factors;
  const inDenominator = (size: number) => denominatorNodes(size, parameters);
  const denominators =
    contrastWeight > 0
      ? 6 * factors * Math.min(batchSize, nnz) * (inDenominator(numUsers) + 2 * inDenominator(numItems))
      : 0;
  const flops = (patience > 0 ? 2 : 1) * epochs * steps * (propagation + denominators);
  return { peakBytes, flops, artifactBytes: storedFactorBytes(2 * numItems, factors, storage) + 1024 };
}
