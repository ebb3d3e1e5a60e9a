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
 * AᵀB (`a.numCols × b.numCols`, row-major) for tall matrices of equally many rows: blocks of rows in float32, their sum in
 * double precision. Costs 2·numRows·a.numCols·b.numCols FLOPs.
 */
export async function crossGram(
  compute: ComputeThreads,
  a: DenseMatrix,
  b: DenseMatrix,
): Promise<Float64Array> {
  if (a.numRows !== b.numRows) throw new ShapeError('both matrices must have the same number of rows');
  const parts: Float32Array[] = [];
  await compute.run(crossGramRows, { a: a.share(), b: b.share() }, rowTasks(a.numRows), {
    onResult: (part, position) => (parts[position] = part),
  });
  return sumOf(parts, a.numCols * b.numCols);
}

/** AᵀA on the caller's thread, the same bits. */
export function gramHere(kernels: Kernels, a: DenseMatrix): Float64Array {
  const session = crossGramRows.open(kernels, { a, b: a });
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

/** A·T for a tall A and a small T (`a.numCols × t.numCols`). Costs 2·numRows·a.numCols·t.numCols FLOPs. */
export async function timesSmall(
  compute: ComputeThreads,
  a: DenseMatrix,
  t: DenseMatrix,
): Promise<DenseMatrix> {
  if (a.numCols !== t.numRows) throw new ShapeError(`${a.numCols} columns cannot multiply ${t.numRows} rows`);
  const out = DenseMatrix.zeros(a.numRows, t.numCols);
  const shared = { a: a.share(), t: t.share(), out: out.share() };
  await compute.run(timesSmallRows, shared, rowTasks(a.numRows));
  return out;
}

interface CrossGramShared {
  readonly a: SharedDense;
  readonly b: SharedDense;
}

export const crossGramRows: Operation<CrossGramShared, RowRange, Float32Array> = {
  name: 'cross-gram-rows',
  open: (kernels, { a, b }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const rows = Math.min(BLOCK_ROWS, a.numRows);
      const size = a.numCols * b.numCols;
      const [left, right, out] = [rows * a.numCols, rows * b.numCols, size].map((count) =>
        arena.take(count * 4),
      ) as [number, number, number];
      return {
        run: ({ from, to }) =>
          kernels.run(() => {
            arena.write(left, rowsOf(a, from, to));
            arena.write(right, rowsOf(b, from, to));
            arena.floats(out, size).fill(0);
            check(exports.multiply_dense(a.numCols, b.numCols, to - from, 1, left, right, out, TRANSPOSE_A));
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
      const [left, product] = [arena.take(rows * a.numCols * 4), arena.take(rows * t.numCols * 4)];
      const right = arena.copyIn(t.values);
      return {
        run: ({ from, to }) =>
          kernels.run(() => {
            const length = (to - from) * t.numCols;
            arena.write(left, rowsOf(a, from, to));
            arena.floats(product, length).fill(0);
            check(exports.multiply_dense(to - from, t.numCols, a.numCols, 1, left, right, product, 0));
            rowsOf(out, from, to).set(arena.floats(product, length));
          }),
        close: () => arena.free(),
      };
    }),
};

function rowsOf({ numCols, values }: SharedDense, from: number, to: number): Float32Array {
  return values.subarray(from * numCols, to * numCols);
}
