import { ShapeError } from '../errors.js';
import { DenseMatrix, type SharedDense } from '../matrices/dense-matrix.js';
import type { ComputeThreads, OpenOperation } from '../threads/compute-threads.js';
import type { Operation, Task } from '../threads/operation.js';
import type { Kernels } from '../wasm/kernels.js';
import { check, withArena, type Arena } from '../wasm/memory.js';

/** Rows that a thread works on at a time; sums over rows are taken in blocks of these, whoever does them. */
const BLOCK_ROWS = 2_048;

/** Rows `from ..< to`. */
interface RowRange {
  readonly from: number;
  readonly to: number;
}

function rowRanges(numRows: number): RowRange[] {
  return Array.from({ length: Math.ceil(numRows / BLOCK_ROWS) }, (_, block) => ({
    from: block * BLOCK_ROWS,
    to: Math.min(numRows, (block + 1) * BLOCK_ROWS),
  }));
}

/** AᵀB of some rows. */
interface CrossGramRows {
  readonly blocks: readonly SharedDense[];
  readonly b: SharedDense;
  readonly rows: RowRange;
}

/** Some rows of out ← start + α·A·T; without a start of α·A·T. */
interface TimesSmallRows {
  readonly blocks: readonly SharedDense[];
  readonly t: SharedDense;
  readonly alpha: number;
  readonly start: SharedDense | undefined;
  readonly out: SharedDense;
  readonly rows: RowRange;
}

type TallTask = CrossGramRows | TimesSmallRows;

/**
 * Products of tall matrices A = [A_1 … A_m], given as blocks of few columns that lie each by itself, in
 * float32. The same bits for any number of threads.
 */
export class TallProducts {
  readonly #threads: OpenOperation<null, TallTask, Float32Array | undefined>;

  constructor(readonly compute: ComputeThreads) {
    this.#threads = compute.open(tallProducts, null);
  }

  /**
   * AᵀB (one row a column of A, row-major) for matrices of equally many rows: blocks of rows in float32,
   * their sum in double precision. Costs 2·numRows·(columns of A)·b.numCols FLOPs.
   */
  async crossGram(a: readonly DenseMatrix[], b: DenseMatrix): Promise<Float64Array> {
    if (a.some(({ numRows }) => numRows !== b.numRows))
      throw new ShapeError('both matrices must have the same number of rows');
    const parts: Float32Array[] = [];
    const given = { blocks: a.map((block) => block.share()), b: b.share() };
    const tasks = tasksOf(rowRanges(b.numRows).map((rows) => ({ ...given, rows })));
    await this.#threads.run(tasks, { onResult: (part, position) => (parts[position] = part!) });
    return sumOf(parts, columnsOf(a) * b.numCols);
  }

  /** A·T for a small T, or start + α·A·T. Costs 2·numRows·t.numRows·t.numCols FLOPs. */
  async timesSmall(
    a: readonly DenseMatrix[],
    t: DenseMatrix,
    { start, alpha = 1 }: { readonly start?: DenseMatrix; readonly alpha?: number } = {},
  ): Promise<DenseMatrix> {
    if (columnsOf(a) !== t.numRows)
      throw new ShapeError(`${columnsOf(a)} columns cannot multiply ${t.numRows} rows`);
    const numRows = a[0]?.numRows ?? 0;
    const out = DenseMatrix.zeros(numRows, t.numCols);
    const given = {
      blocks: a.map((block) => block.share()),
      t: t.share(),
      alpha,
      start: start?.share(),
      out: out.share(),
    };
    await this.#threads.run(tasksOf(rowRanges(numRows).map((rows) => ({ ...given, rows }))));
    return out;
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }
}

/** Bytes that a thread holds for products of A of some columns with as many. */
export function tallBytesPerThread(columns: number): number {
  return 4 * (3 * BLOCK_ROWS * columns + columns * columns);
}

/** Bytes of the parts of AᵀB before they are summed. */
export function crossGramPartsBytes(numRows: number, entries: number): number {
  return 4 * Math.ceil(numRows / BLOCK_ROWS) * entries;
}

function tasksOf(args: readonly TallTask[]): Task<TallTask>[] {
  return args.map((task) => ({ args: task, cost: task.rows.to - task.rows.from, after: [] }));
}

function columnsOf(blocks: readonly SharedDense[]): number {
  return blocks.reduce((sum, { numCols }) => sum + numCols, 0);
}

/** AᵀA on the caller's thread, the same bits. */
export function gramHere(kernels: Kernels, a: DenseMatrix): Float64Array {
  const parts = rowRanges(a.numRows).map((rows) =>
    kernels.run((exports) => withArena(exports, (arena) => crossGramOf(arena, { blocks: [a], b: a, rows }))),
  );
  return sumOf(parts, a.numCols ** 2);
}

function sumOf(parts: readonly Float32Array[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const part of parts) for (let e = 0; e < length; e++) sum[e]! += part[e]!;
  return sum;
}

export const tallProducts: Operation<null, TallTask, Float32Array | undefined> = {
  name: 'tall-products',
  open: (kernels) => ({
    run: (task) =>
      kernels.run((exports) =>
        withArena(exports, (arena) => ('b' in task ? crossGramOf(arena, task) : timesSmallOf(arena, task))),
      ),
    close: () => undefined,
  }),
};

function crossGramOf(arena: Arena, { blocks, b, rows }: CrossGramRows): Float32Array {
  const count = rows.to - rows.from;
  const right = arena.copyIn(rowsOf(b, rows));
  const length = columnsOf(blocks) * b.numCols;
  const out = arena.take(length * 4);
  arena.floats(out, length).fill(0);
  withBlocks(arena, blocks, rows, ({ numCols }, left, firstColumn) => {
    const at = out + 4 * firstColumn * b.numCols;
    check(arena.kernels.add_cross_gram(count, numCols, b.numCols, left, right, at));
  });
  return arena.floats(out, length).slice();
}

function timesSmallOf(arena: Arena, { blocks, t, alpha, start, out, rows }: TimesSmallRows): undefined {
  const count = rows.to - rows.from;
  const factor = arena.copyIn(t.values);
  const length = count * t.numCols;
  const sum = arena.take(length * 4);
  if (start) arena.write(sum, rowsOf(start, rows));
  else arena.floats(sum, length).fill(0);
  withBlocks(arena, blocks, rows, ({ numCols }, left, firstColumn) => {
    const at = factor + 4 * firstColumn * t.numCols;
    check(arena.kernels.add_times_small(count, numCols, t.numCols, alpha, left, at, sum));
  });
  rowsOf(out, rows).set(arena.floats(sum, length));
}

/** Copies rows of one block after the other into the same memory. */
function withBlocks(
  arena: Arena,
  blocks: readonly SharedDense[],
  rows: RowRange,
  work: (block: SharedDense, address: number, firstColumn: number) => void,
): void {
  const widest = blocks.reduce((widest, { numCols }) => Math.max(widest, numCols), 0);
  const address = arena.take(4 * (rows.to - rows.from) * widest);
  let firstColumn = 0;
  for (const block of blocks) {
    arena.write(address, rowsOf(block, rows));
    work(block, address, firstColumn);
    firstColumn += block.numCols;
  }
}

function rowsOf({ numCols, values }: SharedDense, { from, to }: RowRange): Float32Array {
  return values.subarray(from * numCols, to * numCols);
}
