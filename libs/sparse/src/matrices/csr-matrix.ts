import { ShapeError } from '../errors.js';
import { shareArray } from './share-array.js';

/** Entries of one sparse row: strictly ascending `indices`, each with its value. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Unordered entries (rows[e], cols[e]) of a matrix; without `values` each is 1. */
export interface Coordinates {
  readonly numRows: number;
  readonly numCols: number;
  readonly rows: ArrayLike<number>;
  readonly cols: ArrayLike<number>;
  readonly values?: ArrayLike<number>;
}

/** The parts of a matrix, as threads pass them on. */
export interface CsrArrays {
  readonly numRows: number;
  readonly numCols: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Largest dimension or number of entries: indices are unsigned 32-bit integers. */
const MAX_SIZE = 2 ** 32 - 1;

/**
 * A `numRows × numCols` matrix in compressed sparse rows: row r holds `values[indptr[r] .. indptr[r + 1]]` in
 * the columns `indices[indptr[r] .. indptr[r + 1]]`, strictly ascending. The arrays are kept, not copied.
 */
export class CsrMatrix {
  readonly numRows: number;
  readonly numCols: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;

  /** @throws ShapeError when the parts do not make a matrix or a value is not finite */
  constructor({ numRows, numCols, indptr, indices, values }: CsrArrays) {
    this.numRows = numRows;
    this.numCols = numCols;
    this.indptr = indptr;
    this.indices = indices;
    this.values = values;
    checkSize(numRows, 'numRows');
    checkSize(numCols, 'numCols');
    if (indptr.length !== numRows + 1 || indptr[0] !== 0)
      throw new ShapeError('indptr must start at 0 and have one entry more than rows');
    if (indptr[numRows] !== indices.length || indices.length !== values.length) {
      throw new ShapeError('indptr must end at the number of indices and values');
    }
    for (let row = 0; row < numRows; row++) this.#checkRow(row);
    if (!values.every(Number.isFinite)) throw new ShapeError('values must be finite');
  }

  /** A matrix of another thread's, which has checked it. */
  static ofChecked({ numRows, numCols, indptr, indices, values }: CsrArrays): CsrMatrix {
    const parts: CsrArrays = { numRows, numCols, indptr, indices, values };
    return Object.assign(Object.create(CsrMatrix.prototype) as CsrMatrix, parts);
  }

  /**
   * Sorts entries into rows. @throws ShapeError on an entry outside the matrix or a pair that occurs twice
   */
  static fromCoo(entries: Coordinates): CsrMatrix {
    const { numRows, numCols, rows, cols, values } = entries;
    checkSize(numRows, 'numRows');
    if (rows.length !== cols.length || (values && values.length !== rows.length)) {
      throw new ShapeError('rows, cols and values must be equally long');
    }
    const indptr = new Uint32Array(numRows + 1);
    for (let e = 0; e < rows.length; e++) {
      const row = rows[e]!;
      if (!(row >= 0 && row < numRows && cols[e]! >= 0 && cols[e]! < numCols)) {
        throw new ShapeError(`entry (${row}, ${cols[e]!}) is outside of ${numRows} × ${numCols}`);
      }
      indptr[row + 1]!++;
    }
    for (let row = 0; row < numRows; row++) indptr[row + 1]! += indptr[row]!;
    const order = Uint32Array.from({ length: rows.length }, (_, e) => e);
    order.sort((a, b) => rows[a]! - rows[b]! || cols[a]! - cols[b]!);
    const indices = Uint32Array.from(order, (e) => cols[e]!);
    const sorted = values
      ? Float32Array.from(order, (e) => values[e]!)
      : new Float32Array(rows.length).fill(1);
    return new CsrMatrix({ numRows, numCols, indptr, indices, values: sorted });
  }

  get nnz(): number {
    return this.indices.length;
  }

  /** One row, as views. */
  row(row: number): SparseVector {
    const start = this.indptr[row] ?? 0;
    const end = this.indptr[row + 1] ?? start;
    return { indices: this.indices.subarray(start, end), values: this.values.subarray(start, end) };
  }

  /** The same matrix in memory that threads share. */
  share(): CsrArrays {
    const { numRows, numCols } = this;
    const [indptr, indices] = [shareArray(this.indptr), shareArray(this.indices)];
    return { numRows, numCols, indptr, indices, values: shareArray(this.values) };
  }

  /** diag(rows)·X·diag(columns); an absent factor is the identity. */
  scale(factors: { readonly rows?: Float32Array; readonly columns?: Float32Array }): CsrMatrix {
    const { rows, columns } = factors;
    const values = this.values.slice();
    for (let row = 0; row < this.numRows; row++) {
      for (let e = this.indptr[row]!; e < this.indptr[row + 1]!; e++) {
        if (rows) values[e]! *= rows[row]!;
        if (columns) values[e]! *= columns[this.indices[e]!]!;
      }
    }
    return this.withValues(values);
  }

  /** A matrix with the same entries of other values. */
  withValues(values: Float32Array): CsrMatrix {
    const { numRows, numCols, indptr, indices } = this;
    return new CsrMatrix({ numRows, numCols, indptr, indices, values });
  }

  /** The same matrix with no entry that is 0; itself where it has none. */
  withoutZeros(): CsrMatrix {
    if (!this.values.includes(0)) return this;
    return this.filter((entry) => this.values[entry] !== 0);
  }

  /** The same matrix with some of its entries, by their places in `indices`. */
  filter(isKept: (entry: number) => boolean): CsrMatrix {
    const indptr = new Uint32Array(this.numRows + 1);
    const [indices, values] = [new Uint32Array(this.nnz), new Float32Array(this.nnz)];
    let count = 0;
    for (let row = 0; row < this.numRows; row++) {
      for (let e = this.indptr[row]!; e < this.indptr[row + 1]!; e++) {
        if (!isKept(e)) continue;
        indices[count] = this.indices[e]!;
        values[count++] = this.values[e]!;
      }
      indptr[row + 1] = count;
    }
    const { numRows, numCols } = this;
    return new CsrMatrix({
      numRows,
      numCols,
      indptr,
      indices: indices.slice(0, count),
      values: values.slice(0, count),
    });
  }

  /** Number of stored entries in each column. */
  columnCounts(): Uint32Array {
    const counts = new Uint32Array(this.numCols);
    for (const column of this.indices) counts[column]!++;
    return counts;
  }

  #checkRow(row: number): void {
    const start = this.indptr[row]!;
    const end = this.indptr[row + 1]!;
    if (end < start) throw new ShapeError(`indptr falls at row ${row}`);
    for (let e = start; e < end; e++) {
      if (this.indices[e]! >= this.numCols || (e > start && this.indices[e]! <= this.indices[e - 1]!)) {
        throw new ShapeError(
          `row ${row} does not hold strictly ascending columns below ${this.numCols} (column ${this.indices[e]!})`,
        );
      }
    }
  }
}

function checkSize(size: number, name: string): void {
  if (!Number.isInteger(size) || size < 0 || size > MAX_SIZE)
    throw new ShapeError(`${name} must be a whole number from 0 to ${MAX_SIZE}`);
}
