import type { ComputeThreads, Operation, RunOptions, Task } from './compute-threads.js';
import type { CsrArrays, CsrMatrix, SparseVector } from './csr-matrix.js';
import { DenseMatrix } from './dense-matrix.js';
import { ShapeError } from './errors.js';
import { Kernels } from './kernels.js';
import { Arena, check, withArena } from './memory.js';

/** What the systems of all rows have in common: (B + Σ_i x_i h_i h_iᵀ + ridge·I) w = b. */
export interface RowSystems {
  /** H, one row for each column of X. */
  readonly factors: DenseMatrix;
  /** B, symmetric, `factors.numCols` squared; only its lower triangle is read. */
  readonly base: DenseMatrix;
}

/** Options of a computation in compute threads. */
type Progress = Pick<RunOptions<unknown>, 'onProgress'>;

/** Rows of H whose products are summed in one task: the order of a sum depends on the shape of H alone. */
const GRAM_ROWS = 2_048;
/** Pieces of about the same cost that the rows of X are cut into. */
const BLOCKS = 64;

const TRANSPOSE_A = 1;
const LOWER_ONLY = 4;

/**
 * scale·HᵀH, the lower triangle, zero above it. Sums of blocks of rows in float32, and over blocks in double precision.
 * Costs `numRows · numCols²` FLOPs.
 */
export async function factorGram(
  compute: ComputeThreads,
  factors: DenseMatrix,
  scale: number,
): Promise<DenseMatrix> {
  const tasks = gramBlocks(factors).map((args): Task<RowRange> => ({ args, cost: args.rows, after: [] }));
  const parts: Float32Array[] = [];
  await compute.run(factorGramRows, shareDense(factors), tasks, {
    onResult: (part, position) => (parts[position] = part),
  });
  return sumOf(parts, factors.numCols, scale);
}

/** The same bits on the caller's thread. */
export function factorGramHere(kernels: Kernels, factors: DenseMatrix, scale: number): DenseMatrix {
  const session = factorGramRows.open(kernels, shareDense(factors));
  try {
    return sumOf(
      gramBlocks(factors).map((block) => session.run(block)),
      factors.numCols,
      scale,
    );
  } finally {
    session.close();
  }
}

/**
 * One row of factors for each row r of X: w = (B + Σ_i x_ri h_i h_iᵀ + ridge_r·I)⁻¹ Σ_i x_ri h_i, zero for an empty row (Hu, Koren
 * & Volinsky, ICDM 2008, eq. 4). Costs `numCols²` FLOPs an entry and `numCols³/3` a row.
 *
 * @param options.out `x.numRows × factors.numCols` in shared memory, overwritten and returned; absent: a new one
 * @throws SingularMatrixError when float32 is not enough for a row, ShapeError when X has an entry below zero
 */
export async function solveRows(
  compute: ComputeThreads,
  x: CsrMatrix,
  systems: RowSystems & { readonly ridge: Float32Array },
  options: Progress & { readonly out?: DenseMatrix } = {},
): Promise<DenseMatrix> {
  const { factors, base, ridge } = systems;
  if (x.values.some((value) => value < 0)) throw new ShapeError('weights must not be below 0');
  checkBase(systems);
  if (factors.numRows !== x.numCols || ridge.length !== x.numRows)
    throw new ShapeError('one row of factors a column and one ridge a row are needed');
  const { out = DenseMatrix.zeros(x.numRows, factors.numCols) } = options;
  if (out.numRows !== x.numRows || out.numCols !== factors.numCols || !isShared(out))
    throw new ShapeError('one solution a row in shared memory is needed');
  const [sharedFactors, sharedBase] = [factors, base].map(shareDense) as [SharedDense, SharedDense];
  const shared = { x: x.share(), factors: sharedFactors, base: sharedBase, ridge, out: shareDense(out) };
  await compute.run(alsRows, shared, rowTasks(x, factors.numCols), options);
  return out;
}

/** Solves one row at a time, with B and room for the kernel in an instance of its own; H stays where it is. */
export class RowSolver {
  readonly #kernels: Kernels;

  /** @throws ShapeError when B does not fit H */
  constructor(
    kernels: Kernels,
    private readonly systems: RowSystems,
  ) {
    checkBase(systems);
    this.#kernels = new Kernels(kernels.name);
  }

  /**
   * w of one row with the right-hand side Σ_i x_i h_i, or `right`; as `solveRows`.
   *
   * @throws ShapeError when the row has a value below zero or an index that H does not have, SingularMatrixError
   */
  solve(row: SparseVector, ridge: number, right?: Float32Array): Float32Array {
    const { factors, base } = this.systems;
    const length = row.indices.length;
    if (!row.values.every((value) => value >= 0 && Number.isFinite(value)))
      throw new ShapeError('weights must be finite and not below 0');
    if (row.indices.some((index) => index >= factors.numRows))
      throw new ShapeError(`the factors have ${factors.numRows} rows`);
    return this.#kernels.run((exports) =>
      withArena(exports, (arena) => {
        const gathered = arena.take(length * factors.numCols * 4);
        row.indices.forEach((index, position) =>
          arena.write(gathered + position * factors.numCols * 4, factors.row(index)),
        );
        const x = arena.copyInCsr({
          numRows: 1,
          numCols: length,
          indptr: Uint32Array.of(0, length),
          indices: Uint32Array.from({ length }, (_, position) => position),
          values: row.values,
        });
        const slots: Slots = {
          x,
          factors: gathered,
          width: factors.numCols,
          base: arena.copyIn(base.values),
          ridge: arena.copyIn(Float32Array.of(ridge)),
          right: right ? arena.copyIn(right) : 0,
          out: arena.take(factors.numCols * 4),
        };
        solveBlock(arena, slots, { first: 0, rows: 1 });
        return arena.floats(slots.out, factors.numCols).slice();
      }),
    );
  }
}

function checkBase({ factors, base }: RowSystems): void {
  if (base.numRows !== factors.numCols || base.numCols !== factors.numCols)
    throw new ShapeError('a square matrix of the width of the factors is needed');
}

interface RowRange {
  readonly first: number;
  readonly rows: number;
}

function gramBlocks({ numRows }: DenseMatrix): RowRange[] {
  return Array.from({ length: Math.ceil(numRows / GRAM_ROWS) }, (_, block) => {
    const first = block * GRAM_ROWS;
    return { first, rows: Math.min(GRAM_ROWS, numRows - first) };
  });
}

function sumOf(parts: readonly Float32Array[], width: number, scale: number): DenseMatrix {
  const sum = DenseMatrix.zeros(width, width);
  for (let e = 0; e < sum.values.length; e++)
    sum.values[e] = scale * parts.reduce((total, part) => total + part[e]!, 0);
  return sum;
}

/** Ranges of rows of about the same cost, whatever the number of threads. */
function rowTasks(x: CsrMatrix, width: number): Task<RowRange>[] {
  const costOf = (row: number) => {
    const entries = x.indptr[row + 1]! - x.indptr[row]!;
    return entries === 0 ? 1 / width : entries + width / 3;
  };
  let total = 0;
  for (let row = 0; row < x.numRows; row++) total += costOf(row);
  const tasks: Task<RowRange>[] = [];
  for (let [first, row, cost] = [0, 0, 0]; row < x.numRows; row++) {
    cost += costOf(row);
    if (cost < total / BLOCKS && row + 1 < x.numRows) continue;
    tasks.push({ args: { first, rows: row + 1 - first }, cost, after: [] });
    [first, cost] = [row + 1, 0];
  }
  return tasks;
}

/** A dense matrix on its way to another thread. */
type SharedDense = Pick<DenseMatrix, 'numRows' | 'numCols' | 'values'>;

function isShared({ values }: Pick<DenseMatrix, 'values'>): boolean {
  return values.buffer instanceof SharedArrayBuffer;
}

function shareDense({ numRows, numCols, values }: DenseMatrix): SharedDense {
  if (isShared({ values })) return { numRows, numCols, values };
  const copy = DenseMatrix.zeros(numRows, numCols);
  copy.values.set(values);
  return { numRows, numCols, values: copy.values };
}

export const factorGramRows: Operation<SharedDense, RowRange, Float32Array> = {
  name: 'factor-gram-rows',
  open: (kernels, { numRows, numCols, values }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const strip = arena.take(Math.min(GRAM_ROWS, numRows) * numCols * 4);
      const sums = arena.take(numCols * numCols * 4);
      return {
        run: ({ first, rows }) =>
          kernels.run(() => {
            arena.write(strip, values.subarray(first * numCols, (first + rows) * numCols));
            arena.floats(sums, numCols * numCols).fill(0);
            const flags = TRANSPOSE_A | LOWER_ONLY;
            check(exports.multiply_dense(numCols, numCols, rows, 1, strip, strip, sums, flags));
            return clearAboveDiagonal(arena.floats(sums, numCols * numCols).slice(), numCols);
          }),
        close: () => arena.free(),
      };
    }),
};

/** Blocks of the product that the diagonal crosses are whole. */
function clearAboveDiagonal(square: Float32Array, width: number): Float32Array {
  for (let row = 0; row < width; row++) square.fill(0, row * width + row + 1, (row + 1) * width);
  return square;
}

interface AlsShared {
  readonly x: CsrArrays;
  readonly factors: SharedDense;
  readonly base: SharedDense;
  readonly ridge: Float32Array;
  readonly out: SharedDense;
}

/** Addresses of what the kernel reads and writes. */
interface Slots {
  readonly x: number;
  readonly factors: number;
  readonly width: number;
  readonly base: number;
  readonly ridge: number;
  readonly right: number;
  readonly out: number;
}

function solveBlock(arena: Arena, slots: Slots, { first, rows }: RowRange): void {
  const { x, factors, width, base, ridge, right, out } = slots;
  check(arena.kernels.als_solve_rows(x, first, rows, factors, width, base, ridge, right, out));
}

export const alsRows: Operation<AlsShared, RowRange, void> = {
  name: 'als-rows',
  open: (kernels, { x, factors, base, ridge, out }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const width = factors.numCols;
      const fixed = {
        x: arena.copyInCsr(x),
        factors: arena.copyIn(factors.values),
        width,
        base: arena.copyIn(base.values),
        right: 0,
      };
      return {
        run: ({ first, rows }) =>
          kernels.run(() =>
            withArena(exports, (block) => {
              const ridges = block.copyIn(ridge.subarray(first, first + rows));
              const slots = { ...fixed, ridge: ridges, out: block.take(rows * width * 4) };
              solveBlock(block, slots, { first, rows });
              out.values.set(block.floats(slots.out, rows * width), first * width);
            }),
          ),
        close: () => arena.free(),
      };
    }),
};
