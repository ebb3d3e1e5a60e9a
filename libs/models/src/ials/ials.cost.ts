import { ItemScorer } from '#sparse';
import { scoringFactorBytes, storedFactorBytes } from '../artifact/row-storage.js';
import type { FitEstimate, MatrixShape } from '../recommender.js';
import type { IalsParameters } from './ials.params.js';

/**
 * An epoch costs d² FLOPs an entry for each side, d² a row for the products HᵀH, and d³/3 a row for its
 * solution. At the peak there are both factor matrices, X and Xᵀ with their shared copies, in each thread
 * the larger of both sides with its factors, and what is served: factors as they are stored, twice, and int8
 * once more as floats.
 */
export function estimateIals(shape: MatrixShape, parameters: IalsParameters, threads: number): FitEstimate {
  const { numUsers, numItems, nnz } = shape;
  const { factors, epochs, storage } = parameters;
  const larger = Math.max(numUsers, numItems);
  const sparse = 8 * nnz + 4 * (larger + 1);
  const bytesOf = (rows: number) => 4 * rows * factors;
  const perThread = sparse + bytesOf(larger) + 8 * bytesOf(factors);
  const scoring = scoringFactorBytes(numItems, factors, storage);
  const decoded = storage === 'int8' ? bytesOf(numItems) : 0;
  const served = scoring + decoded + ItemScorer.bytesFor(numItems, 0, scoring) + 2 * bytesOf(factors);
  return {
    peakBytes: 4 * sparse + bytesOf(numUsers + numItems) + threads * perThread + served,
    flops: epochs * (2 * nnz * factors ** 2 + (numUsers + numItems) * (factors ** 2 + factors ** 3 / 3)),
    artifactBytes: storedFactorBytes(numItems, factors, storage) + bytesOf(factors) + 1_024,
  };
}
