import { CsrMatrix } from './csr-matrix.js';
import { ShapeError } from './errors.js';
import type { Kernels } from './kernels.js';
import { check, withArena, type Arena } from './memory.js';
import type { SymmetricMatrix } from './symmetric-matrix.js';

/** Copies whole rows `firstRow ..` of a symmetric matrix, both sides of the diagonal, into `strip` (row-major). */
function copyStrip(matrix: SymmetricMatrix, tileRow: number, strip: Float32Array): void {
  const { order, tileSize } = matrix;
  const rows = strip.length / order;
  for (let other = 0; other < matrix.tilesPerSide; other++) {
    const first = other * tileSize;
    const width = Math.min(tileSize, order - first);
    const tile = other <= tileRow ? matrix.tile(tileRow, other) : matrix.tile(other, tileRow);
    for (let r = 0; r < rows; r++) {
      const out = r * order + first;
      if (other < tileRow) strip.set(tile.subarray(r * tileSize, r * tileSize + width), out);
      else if (other > tileRow) for (let c = 0; c < width; c++) strip[out + c] = tile[c * tileSize + r]!;
      else for (let c = 0; c < width; c++) strip[out + c] = tile[Math.max(r, c) * tileSize + Math.min(r, c)]!;
    }
  }
}

/** Calls `work` for each row of tiles with its address in the arena. */
function forEachStrip(
  arena: Arena,
  matrix: SymmetricMatrix,
  work: (strip: number, firstRow: number, rows: number) => void,
): void {
  const { order, tileSize } = matrix;
  const strip = arena.take(tileSize * order * 4);
  for (let tileRow = 0; tileRow < matrix.tilesPerSide; tileRow++) {
    const rows = Math.min(tileSize, order - tileRow * tileSize);
    copyStrip(matrix, tileRow, arena.floats(strip, rows * order));
    work(strip, tileRow * tileSize, rows);
  }
}

/**
 * The entries of largest magnitude of M·diag(columnScale), `keep` a row at most, without the diagonal and without exact
 * zeros; ties go to the lower column. Answers an `order × order` CSR matrix.
 */
export function largestPerRow(
  kernels: Kernels,
  matrix: SymmetricMatrix,
  columnScale: Float32Array,
  keep: number,
): CsrMatrix {
  const { order, tileSize } = matrix;
  if (columnScale.length !== order) throw new ShapeError('one scale a column is needed');
  if (!Number.isInteger(keep) || keep < 1) throw new ShapeError('keep must be a whole number above 0');
  const width = Math.min(keep, Math.max(1, order - 1));
  const indptr = new Uint32Array(order + 1);
  const indices: Uint32Array[] = [];
  const values: Float32Array[] = [];
  kernels.run((exports) =>
    withArena(exports, (arena) => {
      const scale = arena.copyIn(columnScale);
      const [columns, entries, counts] = [tileSize * width * 4, tileSize * width * 4, tileSize * 4].map(
        (bytes) => arena.take(bytes),
      ) as [number, number, number];
      forEachStrip(arena, matrix, (strip, firstRow, rows) => {
        check(exports.largest_per_row(strip, firstRow, rows, scale, order, width, columns, entries, counts));
        arena.integers(counts, rows).forEach((count, r) => {
          indptr[firstRow + r + 1] = indptr[firstRow + r]! + count;
          indices.push(arena.integers(columns + r * width * 4, count).slice());
          values.push(arena.floats(entries + r * width * 4, count).slice());
        });
      });
    }),
  );
  return new CsrMatrix(
    order,
    order,
    indptr,
    concatenate(Uint32Array, indices),
    concatenate(Float32Array, values),
  );
}

function concatenate<Numbers extends Uint32Array | Float32Array>(
  type: new (length: number) => Numbers,
  parts: readonly Numbers[],
): Numbers {
  const whole = new type(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** X[fromRow .. toRow]·M for a symmetric M: `(toRow − fromRow) × order`, row-major. */
export function multiplySparseRows(
  kernels: Kernels,
  x: CsrMatrix,
  fromRow: number,
  toRow: number,
  matrix: SymmetricMatrix,
): Float32Array {
  if (x.numCols !== matrix.order)
    throw new ShapeError(`${x.numCols} columns cannot multiply a matrix of order ${matrix.order}`);
  if (!(fromRow >= 0 && fromRow <= toRow && toRow <= x.numRows))
    throw new ShapeError(`rows ${fromRow} to ${toRow} are not within ${x.numRows}`);
  const batch = rowsOf(x, fromRow, toRow);
  return kernels.run((exports) =>
    withArena(exports, (arena) => {
      const length = batch.numRows * matrix.order;
      const [raw, out] = [arena.copyInCsr(batch), arena.take(length * 4)];
      arena.floats(out, length).fill(0);
      forEachStrip(arena, matrix, (strip, firstRow, rows) => {
        check(exports.add_sparse_times_strip(raw, firstRow, strip, rows, matrix.order, out));
      });
      return arena.floats(out, length).slice();
    }),
  );
}

function rowsOf(x: CsrMatrix, fromRow: number, toRow: number): CsrMatrix {
  const [start, end] = [x.indptr[fromRow]!, x.indptr[toRow]!];
  const indptr = x.indptr.slice(fromRow, toRow + 1).map((offset) => offset - start);
  return new CsrMatrix(
    toRow - fromRow,
    x.numCols,
    indptr,
    x.indices.slice(start, end),
    x.values.slice(start, end),
  );
}
