import { ShapeError } from '../errors.js';
import { shareArray } from './share-array.js';

/** A dense matrix on its way to another thread. */
export type SharedDense = Pick<DenseMatrix, 'numRows' | 'numCols' | 'values'>;

/** A dense `numRows × numCols` float32 matrix, row-major. The array is kept, not copied. */
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

  /** A matrix of another thread's. */
  static of({ numRows, numCols, values }: SharedDense): DenseMatrix {
    return new DenseMatrix(numRows, numCols, values);
  }

  /** A zero matrix in memory that threads share. */
  static zeros(numRows: number, numCols: number): DenseMatrix {
    return new DenseMatrix(numRows, numCols, new Float32Array(new SharedArrayBuffer(numRows * numCols * 4)));
  }

  get isShared(): boolean {
    return this.values.buffer instanceof SharedArrayBuffer;
  }

  /** The same matrix in memory that threads share. */
  share(): SharedDense {
    const { numRows, numCols, values } = this;
    return { numRows, numCols, values: shareArray(values) };
  }

  /** One row, as a view. */
  row(row: number): Float32Array {
    return this.values.subarray(row * this.numCols, (row + 1) * this.numCols);
  }
}
