import { Float16Array } from '@petamoriken/float16';
import { CsrMatrix } from '@app/sparse';
import { section, type FrameContent } from './frame.js';

/** Number types in which the values of a sparse matrix are stored. */
export const STORAGE_TYPES = ['f32', 'f16', 'int8'] as const;
export type StorageType = (typeof STORAGE_TYPES)[number];

const LARGEST_INT8 = 127;

/** Stored values: of row r, entry e is `values[e]`, times `rowScales[r]` where the type has scales. */
export interface StoredValues {
  readonly values: Float32Array | Uint16Array | Int8Array;
  readonly rowScales?: Float32Array;
}

/** Rounds the values to a storage type: int8 is round(127·v / max|row|), ties to even for f16. */
export function storeValues(matrix: CsrMatrix, type: StorageType): StoredValues {
  if (type === 'f32') return { values: matrix.values };
  if (type === 'f16') return { values: new Uint16Array(Float16Array.from(matrix.values).buffer) };
  const values = new Int8Array(matrix.nnz);
  const rowScales = new Float32Array(matrix.numRows);
  for (let row = 0; row < matrix.numRows; row++) {
    const entries = matrix.row(row).values;
    const largest = entries.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    rowScales[row] = largest / LARGEST_INT8;
    const start = matrix.indptr[row]!;
    if (largest > 0) entries.forEach((value, e) => (values[start + e] = Math.round(value / rowScales[row]!)));
  }
  return { values, rowScales };
}

/** The values as they are computed with: float32. */
export function restoreValues(stored: StoredValues, indptr: Uint32Array): Float32Array {
  const { values, rowScales } = stored;
  if (values instanceof Float32Array) return values;
  if (values instanceof Uint16Array)
    return Float32Array.from(new Float16Array(values.buffer, values.byteOffset, values.length));
  const restored = Float32Array.from(values);
  for (let row = 0; row + 1 < indptr.length; row++)
    for (let e = indptr[row]!; e < indptr[row + 1]!; e++) restored[e]! *= rowScales![row]!;
  return restored;
}

/** A matrix whose values went through the storage type. */
export function roundToStorage(matrix: CsrMatrix, type: StorageType): CsrMatrix {
  const values = restoreValues(storeValues(matrix, type), matrix.indptr);
  return new CsrMatrix(matrix.numRows, matrix.numCols, matrix.indptr, matrix.indices, values);
}

/** Bytes of a stored matrix. */
export function storedBytes(numRows: number, nnz: number, type: StorageType): number {
  const perEntry = { f32: 8, f16: 6, int8: 5 }[type];
  return perEntry * nnz + 4 * (numRows + 1) + (type === 'int8' ? 4 * numRows : 0);
}

/** Sections of a frame for a matrix in a storage type. */
export function matrixSections(matrix: CsrMatrix, type: StorageType): FrameContent['sections'] {
  const { values, rowScales } = storeValues(matrix, type);
  return { indptr: matrix.indptr, indices: matrix.indices, values, ...(rowScales && { rowScales }) };
}

/** Reads what `matrixSections` gave. @throws DomainError `model-corrupt`, ShapeError */
export function readMatrix(content: FrameContent, numCols: number, type: StorageType): CsrMatrix {
  const indptr = section(content, 'indptr', 'u32');
  const stored =
    type === 'int8'
      ? { values: section(content, 'values', 'i8'), rowScales: section(content, 'rowScales', 'f32') }
      : { values: section(content, 'values', type === 'f16' ? 'u16' : 'f32') };
  const values = restoreValues(stored, indptr);
  return new CsrMatrix(indptr.length - 1, numCols, indptr, section(content, 'indices', 'u32'), values);
}
