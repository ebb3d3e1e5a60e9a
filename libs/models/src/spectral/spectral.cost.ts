import { truncatedSvdBytes, truncatedSvdWidth } from '#sparse';
import type { MatrixShape } from '../recommender.js';

/**
 * Work of one filled basis, which is mostly enough: products of each column with XᵀX, and passes
 * over pairs of columns.
 */
const SPARSE_PASSES = 8;
const DENSE_PASSES = 10;

/** Cost of the singular vectors of a matrix of this shape. */
export function estimateEmbedding(
  { numUsers, numItems, nnz }: MatrixShape,
  parameters: { readonly rank: number },
  threads: number,
): { readonly rank: number; readonly peakBytes: number; readonly flops: number } {
  const rank = Math.min(parameters.rank, numUsers, numItems);
  const width = truncatedSvdWidth(numItems, rank);
  const shape = { numRows: numUsers, numCols: numItems, nnz };
  return {
    rank,
    peakBytes: 16 * nnz + truncatedSvdBytes(shape, rank, threads),
    flops: width * (SPARSE_PASSES * 4 * nnz + DENSE_PASSES * width * numItems),
  };
}
