import { CsrMatrix } from '../matrices/csr-matrix.js';
import type { Arena } from './memory.js';

/** Some rows of a sparse matrix, one after the other: `counts[r]` entries of row `firstRow + r`. */
export interface RowPart {
  readonly firstRow: number;
  readonly counts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** Where a kernel writes at most `keep` entries of each of some rows. */
export interface RowBuffers {
  readonly keep: number;
  readonly columns: number;
  readonly values: number;
  readonly counts: number;
}

export function takeRowBuffers(arena: Arena, rows: number, keep: number): RowBuffers {
  const [columns, values] = [arena.take(rows * keep * 4), arena.take(rows * keep * 4)];
  return { keep, columns, values, counts: arena.take(rows * 4) };
}

/** A copy of what a kernel has written for `rows` rows. */
export function copyRowPart(
  arena: Arena,
  { keep, columns, values, counts }: RowBuffers,
  firstRow: number,
  rows: number,
): RowPart {
  const found = arena.integers(counts, rows).slice();
  const spans = [...found].map((count, r) => [r * keep * 4, count] as const);
  return {
    firstRow,
    counts: found,
    columns: concatenate(
      Uint32Array,
      spans.map(([at, count]) => arena.integers(columns + at, count)),
    ),
    values: concatenate(
      Float32Array,
      spans.map(([at, count]) => arena.floats(values + at, count)),
    ),
  };
}

/** The `order × order` matrix that the parts make up, in whatever order they come. */
export function joinRowParts(parts: readonly RowPart[], order: number): CsrMatrix {
  const inOrder = [...parts].sort((a, b) => a.firstRow - b.firstRow);
  const indptr = new Uint32Array(order + 1);
  inOrder.forEach(({ firstRow, counts }) =>
    counts.forEach((count, r) => (indptr[firstRow + r + 1] = indptr[firstRow + r]! + count)),
  );
  const indices = concatenate(
    Uint32Array,
    inOrder.map(({ columns }) => columns),
  );
  const values = concatenate(
    Float32Array,
    inOrder.map((part) => part.values),
  );
  return new CsrMatrix({ numRows: order, numCols: order, indptr, indices, values });
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
