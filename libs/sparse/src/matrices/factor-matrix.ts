import { ShapeError } from '../errors.js';
import { DenseMatrix } from './dense-matrix.js';
import { shareArray } from './share-array.js';

/** Rows of factors as they are stored, and as threads pass them on. */
export interface StoredFactors {
  readonly numRows: number;
  readonly numCols: number;
  /** Row-major. */
  readonly values: Float32Array | Int8Array;
  /** One a row, which int8 values are to be multiplied by; floats have none. */
  readonly scales?: Float32Array | undefined;
}

/**
 * A `numRows × numCols` matrix F that is read as it is stored: floats, or F = diag(scales)·values of int8
 * values. The arrays are kept, not copied.
 */
export class FactorMatrix implements StoredFactors {
  /** @throws ShapeError when there is not one value an entry, and for int8 one scale a row */
  constructor(
    readonly numRows: number,
    readonly numCols: number,
    readonly values: Float32Array | Int8Array,
    readonly scales?: Float32Array | undefined,
  ) {
    if (values.length !== numRows * numCols)
      throw new ShapeError(`${numRows} × ${numCols} entries are needed, not ${values.length}`);
    if (scales?.length !== (isInt8(values) ? numRows : undefined))
      throw new ShapeError('one scale a row is needed for int8, and none for floats');
  }

  static of({ numRows, numCols, values, scales }: StoredFactors): FactorMatrix {
    return new FactorMatrix(numRows, numCols, values, scales);
  }

  /** The same matrix in memory that threads share. */
  share(): StoredFactors {
    const { numRows, numCols, values, scales } = this;
    return { numRows, numCols, values: shareArray(values), scales: scales && shareArray(scales) };
  }

  /** The rows `first ..< end`, as views. */
  rows(first: number, end: number): FactorMatrix {
    const { numCols, values, scales } = this;
    const part = values.subarray(first * numCols, end * numCols);
    return new FactorMatrix(end - first, numCols, part, scales?.subarray(first, end));
  }

  /** One row as floats: a view of floats, a copy of int8 values. */
  row(row: number): Float32Array {
    const { numCols, values, scales } = this;
    const start = row * numCols;
    if (!isInt8(values)) return values.subarray(start, start + numCols);
    const scale = scales![row]!;
    const floats = new Float32Array(numCols);
    for (let f = 0; f < numCols; f++) floats[f] = scale * values[start + f]!;
    return floats;
  }

  /** F[row, :]·vector, in double precision. */
  dotRow(row: number, vector: ArrayLike<number>): number {
    const { numCols, values } = this;
    const start = row * numCols;
    let sum = 0;
    for (let f = 0; f < numCols; f++) sum += values[start + f]! * vector[f]!;
    return this.#scale(row) * sum;
  }

  /** sums ← sums + weight·F[row, :] */
  addRow(row: number, weight: number, sums: Float64Array): void {
    const { numCols, values } = this;
    const start = row * numCols;
    const scaled = weight * this.#scale(row);
    for (let f = 0; f < numCols; f++) sums[f]! += scaled * values[start + f]!;
  }

  /** F as floats: the same array where it is of floats, else one in memory that threads share. */
  toDense(): DenseMatrix {
    const { numRows, numCols, values } = this;
    if (!isInt8(values)) return new DenseMatrix(numRows, numCols, values);
    const dense = DenseMatrix.zeros(numRows, numCols);
    for (let row = 0; row < numRows; row++) dense.row(row).set(this.row(row));
    return dense;
  }

  #scale(row: number): number {
    return this.scales ? this.scales[row]! : 1;
  }
}

/** Also of an array that was made in another context, which has a class of its own. */
function isInt8(values: Float32Array | Int8Array): values is Int8Array {
  return values.BYTES_PER_ELEMENT === 1;
}
