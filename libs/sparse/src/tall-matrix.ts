import type { ComputeThreads, Operation, Task } from './compute-threads.js';
import { DenseMatrix, type SharedDense } from './dense-matrix.js';
import { ShapeError } from './errors.js';
import type { Kernels } from './kernels.js';
import { Arena, check } from './memory.js';

/** Rows that a thread works on at a time; sums over rows are taken in blocks of these, whoever does them. */
export const BLOCK_ROWS = 2_048;
const TRANSPOSE_A = 1;

/** Rows `from ..< to`. */
interface RowRange {
  readonly from: number;
  readonly to: number;
}

function rowTasks(numRows: number): Task<RowRange>[] {
  return Array.from({ length: Math.ceil(numRows / BLOCK_ROWS) }, (_, block) => {
    const [from, to] = [block * BLOCK_ROWS, Math.min(numRows, (block + 1) * BLOCK_ROWS)];
    return { args: { from, to }, cost: to - from, after: [] };
  });
}

/**
 * AᵀB (`a.numCols × b.numCols`, row-major) for tall matrices of equally many rows, or of A's first `columns` alone: blocks of
 * rows in float32, their sum in double precision. Costs 2·numRows·a.numCols·b.numCols FLOPs.
 */
export async function crossGram(
  compute: ComputeThreads,
  a: DenseMatrix,
  b: DenseMatrix,
  columns = a.numCols,
): Promise<Float64Array> {
  if (a.numRows !== b.numRows) throw new ShapeError('both matrices must have the same number of rows');
  const parts: Float32Array[] = [];
  await compute.run(crossGramRows, { a: a.share(), b: b.share(), columns }, rowTasks(a.numRows), {
    onResult: (part, position) => (parts[position] = part),
  });
  return sumOf(parts, columns * b.numCols);
}

/** AᵀA on the caller's thread, the same bits. */
export function gramHere(kernels: Kernels, a: DenseMatrix): Float64Array {
  const session = crossGramRows.open(kernels, { a, b: a, columns: a.numCols });
  try {
    const parts = rowTasks(a.numRows).map(({ args }) => session.run(args));
    return sumOf(parts, a.numCols ** 2);
  } finally {
    session.close();
  }
}

function sumOf(parts: readonly Float32Array[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const part of parts) for (let e = 0; e < length; e++) sum[e]! += part[e]!;
  return sum;
}

/** A·T for A's first `t.numRows` columns and a small T. Costs 2·numRows·t.numRows·t.numCols FLOPs. */
export async function timesSmall(
  compute: ComputeThreads,
  a: DenseMatrix,
  t: DenseMatrix,
): Promise<DenseMatrix> {
  if (a.numCols < t.numRows) throw new ShapeError(`${a.numCols} columns cannot multiply ${t.numRows} rows`);
  const out = DenseMatrix.zeros(a.numRows, t.numCols);
  const shared = { a: a.share(), t: t.share(), out: out.share() };
  await compute.run(timesSmallRows, shared, rowTasks(a.numRows));
  return out;
}

interface CrossGramShared {
  readonly a: SharedDense;
  readonly b: SharedDense;
  readonly columns: number;
}

export const crossGramRows: Operation<CrossGramShared, RowRange, Float32Array> = {
  name: 'cross-gram-rows',
  open: (kernels, { a, b, columns }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const rows = Math.min(BLOCK_ROWS, a.numRows);
      const size = columns * b.numCols;
      const [left, right, out] = [rows * columns, rows * b.numCols, size].map((count) =>
        arena.take(count * 4),
      ) as [number, number, number];
      return {
        run: ({ from, to }) =>
          kernels.run(() => {
            copyColumns(a, { from, to }, arena.floats(left, (to - from) * columns));
            arena.write(right, rowsOf(b, from, to));
            arena.floats(out, size).fill(0);
            check(exports.multiply_dense(columns, b.numCols, to - from, 1, left, right, out, TRANSPOSE_A));
            return arena.floats(out, size).slice();
          }),
        close: () => arena.free(),
      };
    }),
};

interface TimesSmallShared {
  readonly a: SharedDense;
  readonly t: SharedDense;
  readonly out: SharedDense;
}

export const timesSmallRows: Operation<TimesSmallShared, RowRange, void> = {
  name: 'times-small-rows',
  open: (kernels, { a, t, out }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const rows = Math.min(BLOCK_ROWS, a.numRows);
      const [left, product] = [arena.take(rows * t.numRows * 4), arena.take(rows * t.numCols * 4)];
      const right = arena.copyIn(t.values);
      return {
        run: ({ from, to }) =>
          kernels.run(() => {
            const length = (to - from) * t.numCols;
            copyColumns(a, { from, to }, arena.floats(left, (to - from) * t.numRows));
            arena.floats(product, length).fill(0);
            check(exports.multiply_dense(to - from, t.numCols, t.numRows, 1, left, right, product, 0));
            rowsOf(out, from, to).set(arena.floats(product, length));
          }),
        close: () => arena.free(),
      };
    }),
};

function rowsOf({ numCols, values }: SharedDense, from: number, to: number): Float32Array {
  return values.subarray(from * numCols, to * numCols);
}

/** The first columns of some rows, as many as `target` holds. */
function copyColumns(matrix: SharedDense, { from, to }: RowRange, target: Float32Array): void {
  const columns = target.length / (to - from);
  if (columns === matrix.numCols) {
    target.set(rowsOf(matrix, from, to));
    return;
  }
  for (let row = from; row < to; row++) {
    const start = row * matrix.numCols;
    target.set(matrix.values.subarray(start, start + columns), (row - from) * columns);
  }
}
