import { ShapeError } from './errors.js';

/** A dense `numRows × numCols` float32 matrix, row-major, in memory that threads share. */
export class DenseMatrix {
  /** @throws ShapeError when there is not one value an entry */
  constructor(
    readonly numRows: number,
    readonly numCols: number,
    readonly values: Float32Array,
  ) {
    if (values.length !== numRows * numCols)
      throw new ShapeError(`${numRows} × ${numCols} entries are needed, not ${values.length}`);
  }

  static zeros(numRows: number, numCols: number): DenseMatrix {
    return new DenseMatrix(numRows, numCols, new Float32Array(new SharedArrayBuffer(numRows * numCols * 4)));
  }

  /** One row, as a view. */
  row(row: number): Float32Array {
    return this.values.subarray(row * this.numCols, (row + 1) * this.numCols);
  }
}
