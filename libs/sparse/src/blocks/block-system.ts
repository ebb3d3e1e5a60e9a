import { ShapeError } from '../errors.js';
import type { CsrArrays, CsrMatrix } from '../matrices/csr-matrix.js';
import { shareArray } from '../matrices/share-array.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import { transpose } from '../wasm/transpose.js';

/** A = YᵀY + diag(ridge), which is never made as a whole, in memory that threads share. */
export interface BlockSystem {
  readonly y: CsrArrays;
  readonly yt: CsrArrays;
  readonly ridge: Float32Array;
  /** A_jj */
  readonly diagonal: Float32Array;
}

/** @throws ShapeError when there is not one value above 0 in the ridge for each column of Y */
export function blockSystem(compute: ComputeThreads, y: CsrMatrix, ridge: Float32Array): BlockSystem {
  if (ridge.length !== y.numCols || !ridge.every((value) => value > 0))
    throw new ShapeError('the ridge must have a value above 0 for each column');
  const squares = Float64Array.from(ridge);
  y.indices.forEach((column, e) => (squares[column]! += y.values[e]! ** 2));
  return {
    y: y.share(),
    yt: transpose(compute.kernels, y).share(),
    ridge: shareArray(ridge),
    diagonal: shareArray(Float32Array.from(squares)),
  };
}
