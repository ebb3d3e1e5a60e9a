import { DomainError } from '#domain';
import { CsrMatrix, FactorMatrix, ShapeError, type DenseMatrix } from '#sparse';
import { decodeFrame, section, type FrameContent } from './frame.js';
import { decodeHalves, encodeHalves } from './halves.js';

/** Number types in which the values of a matrix are stored. */
export const STORAGE_TYPES = ['f32', 'f16', 'int8'] as const;
export type StorageType = (typeof STORAGE_TYPES)[number];

const LARGEST_INT8 = 127;

/** Stored values: of row r, entry e is `values[e]`, times `rowScales[r]` where the type has scales. */
interface StoredValues {
  readonly values: Float32Array | Uint16Array | Int8Array;
  readonly rowScales?: Float32Array;
}

/** Values of a matrix: row r is `values[starts[r] .. starts[r + 1]]`. */
interface RowValues {
  readonly values: Float32Array;
  readonly starts: Uint32Array;
}

/** Rounds the values to a storage type: int8 is round(127·v / max|row|), ties to even for f16. */
function storeValues({ values: exact, starts }: RowValues, type: StorageType): StoredValues {
  if (type === 'f32') return { values: exact };
  if (type === 'f16') return { values: encodeHalves(exact) };
  const values = new Int8Array(exact.length);
  const rowScales = new Float32Array(starts.length - 1);
  for (let row = 0; row < rowScales.length; row++) {
    const start = starts[row]!;
    const entries = exact.subarray(start, starts[row + 1]);
    const largest = entries.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    rowScales[row] = largest / LARGEST_INT8;
    if (largest > 0) entries.forEach((value, e) => (values[start + e] = Math.round(value / rowScales[row]!)));
  }
  return { values, rowScales };
}

/** The values as floats. */
function restoreValues({ values }: StoredValues): Float32Array {
  if (values instanceof Float32Array) return values;
  const restored = new Float32Array(new SharedArrayBuffer(4 * values.length));
  if (values instanceof Uint16Array) return decodeHalves(values, restored);
  restored.set(values);
  return restored;
}

/** The values of a matrix as they are computed with: float32. */
function restoreMatrix(stored: StoredValues, starts: Uint32Array): Float32Array {
  const restored = restoreValues(stored);
  const { rowScales } = stored;
  if (!rowScales) return restored;
  for (let row = 0; row + 1 < starts.length; row++)
    for (let e = starts[row]!; e < starts[row + 1]!; e++) restored[e]! *= rowScales[row]!;
  return restored;
}

/** A matrix whose values went through the storage type. */
export function roundToStorage(matrix: CsrMatrix, type: StorageType): CsrMatrix {
  return matrix.withValues(restoreMatrix(storeValues(rowsOf(matrix), type), matrix.indptr));
}

/** Bytes of a stored matrix. */
export function storedBytes(numRows: number, nnz: number, type: StorageType): number {
  const perEntry = { f32: 8, f16: 6, int8: 5 }[type];
  return perEntry * nnz + 4 * (numRows + 1) + (type === 'int8' ? 4 * numRows : 0);
}

/** Sections of a frame for a matrix in a storage type. */
export function matrixSections(matrix: CsrMatrix, type: StorageType): FrameContent['sections'] {
  const { values, rowScales } = storeValues(rowsOf(matrix), type);
  return { indptr: matrix.indptr, indices: matrix.indices, values, ...(rowScales && { rowScales }) };
}

/**
 * Reads a frame whose field `storage` says how its matrices are stored.
 *
 * @throws DomainError `model-corrupt` on any other bytes, an unknown storage type, or shapes that do
 * not fit one another
 */
export function decodeStored<Artifact>(
  bytes: Uint8Array,
  format: { readonly name: string; readonly version: number },
  read: (content: FrameContent, storage: StorageType) => Artifact,
): Artifact {
  const content = decodeFrame(bytes, format.name, format.version);
  const storage = STORAGE_TYPES.find((type) => type === content.fields['storage']);
  if (!storage)
    throw new DomainError('model-corrupt', 'The model cannot be read: its storage type is unknown');
  try {
    return read(content, storage);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new DomainError('model-corrupt', `The model cannot be read: ${error.message}`, { cause: error });
  }
}

/** Reads what `matrixSections` gave. @throws DomainError `model-corrupt`, ShapeError */
export function readMatrix(content: FrameContent, numCols: number, type: StorageType): CsrMatrix {
  const indptr = section(content, 'indptr', 'u32');
  const values = restoreMatrix(readStored(content, type), indptr);
  const indices = section(content, 'indices', 'u32');
  return new CsrMatrix({ numRows: indptr.length - 1, numCols, indptr, indices, values });
}

/** Factors rounded to the storage type, as they are computed with. */
export function storeFactors(matrix: DenseMatrix, type: StorageType): FactorMatrix {
  const starts = Uint32Array.from({ length: matrix.numRows + 1 }, (_, row) => row * matrix.numCols);
  return factorsOf(matrix, storeValues({ values: matrix.values, starts }, type));
}

/**
 * int8 stays what it is; halves become floats, since a product with halves takes no less time
 * than one with floats.
 */
function factorsOf(
  { numRows, numCols }: Pick<FactorMatrix, 'numRows' | 'numCols'>,
  stored: StoredValues,
): FactorMatrix {
  const { values, rowScales } = stored;
  if (values instanceof Int8Array) return new FactorMatrix(numRows, numCols, values, rowScales);
  return new FactorMatrix(numRows, numCols, restoreValues(stored));
}

/** Bytes of stored factors. */
export function storedFactorBytes(numRows: number, numCols: number, type: StorageType): number {
  const perEntry = { f32: 4, f16: 2, int8: 1 }[type];
  return perEntry * numRows * numCols + (type === 'int8' ? 4 * numRows : 0);
}

/** Bytes of factors as they are computed with. */
export function scoringFactorBytes(numRows: number, numCols: number, type: StorageType): number {
  return storedFactorBytes(numRows, numCols, type === 'f16' ? 'f32' : type);
}

/** Sections of a frame for factors of `storeFactors`, of the same storage type. */
export function factorSections(factors: FactorMatrix, type: StorageType): FrameContent['sections'] {
  if (type === 'f16') return { factors: encodeHalves(factors.toDense().values) };
  const { values, scales } = factors;
  return { factors: values, ...(scales && { factorScales: scales }) };
}

/** Reads what `factorSections` gave. @throws DomainError `model-corrupt`, ShapeError */
export function readFactors(
  content: FrameContent,
  shape: { readonly numRows: number; readonly numCols: number },
  type: StorageType,
): FactorMatrix {
  return factorsOf(shape, readStored(content, type, 'factors', 'factorScales'));
}

function readStored(
  content: FrameContent,
  type: StorageType,
  name = 'values',
  scales = 'rowScales',
): StoredValues {
  if (type === 'int8')
    return { values: section(content, name, 'i8'), rowScales: section(content, scales, 'f32') };
  return { values: section(content, name, type === 'f16' ? 'u16' : 'f32') };
}

function rowsOf({ values, indptr }: CsrMatrix): RowValues {
  return { values, starts: indptr };
}
