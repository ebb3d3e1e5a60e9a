import { ShapeError } from '../errors.js';
import type { CsrArrays, CsrMatrix, SparseVector } from '../matrices/csr-matrix.js';
import { DenseMatrix, type SharedDense } from '../matrices/dense-matrix.js';
import { gramHere, TallProducts } from '../spectrum/tall-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, ProgressOptions, Task } from '../threads/operation.js';
import { Kernels } from '../wasm/kernels.js';
import { Arena, check, withArena } from '../wasm/memory.js';

/** What the systems of all rows have in common: (B + Σ_i x_i h_i h_iᵀ + ridge·I) w = b. */
export interface RowSystems {
  /** H, one row for each column of X. */
  readonly factors: DenseMatrix;
  /** B, symmetric, `factors.numCols` squared; only its lower triangle is read. */
  readonly base: DenseMatrix;
}

/** Rows of H wherever they are. */
type RowSource = Pick<DenseMatrix, 'numRows' | 'numCols' | 'row'>;

/** Pieces of about the same cost that the rows of X are cut into. */
const BLOCKS = 64;

/** scale·HᵀH. Costs 2·`numRows · numCols²` FLOPs. */
export async function factorGram(
  compute: ComputeThreads,
  factors: DenseMatrix,
  scale: number,
): Promise<DenseMatrix> {
  const products = new TallProducts(compute);
  try {
    return scaled(await products.crossGram([factors], factors), factors.numCols, scale);
  } finally {
    await products.close();
  }
}

/** The same bits on the caller's thread. */
export function factorGramHere(kernels: Kernels, factors: DenseMatrix, scale: number): DenseMatrix {
  return scaled(gramHere(kernels, factors), factors.numCols, scale);
}

function scaled(gram: Float64Array, width: number, scale: number): DenseMatrix {
  const out = DenseMatrix.zeros(width, width);
  gram.forEach((value, e) => (out.values[e] = scale * value));
  return out;
}

/**
 * One row of factors for each row r of X: w = (B + Σ_i x_ri h_i h_iᵀ + ridge_r·I)⁻¹ Σ_i x_ri h_i, zero for an
 * empty row (Hu, Koren & Volinsky, ICDM 2008, eq. 4). Costs `numCols²` FLOPs an entry and `numCols³/3` a row.
 *
 * @param options.out `x.numRows × factors.numCols` in shared memory, overwritten and returned;
 * absent: a new one
 * @throws SingularMatrixError when float32 is not enough for a row, ShapeError when X has an entry below zero
 */
export async function solveRows(
  compute: ComputeThreads,
  x: CsrMatrix,
  systems: RowSystems & { readonly ridge: Float32Array },
  options: ProgressOptions & { readonly out?: DenseMatrix } = {},
): Promise<DenseMatrix> {
  const { factors, base, ridge } = systems;
  if (x.values.some((value) => value < 0)) throw new ShapeError('weights must not be below 0');
  checkBase(systems);
  if (factors.numRows !== x.numCols || ridge.length !== x.numRows)
    throw new ShapeError('one row of factors a column and one ridge a row are needed');
  const { out = DenseMatrix.zeros(x.numRows, factors.numCols) } = options;
  if (out.numRows !== x.numRows || out.numCols !== factors.numCols || !out.isShared)
    throw new ShapeError('one solution a row in shared memory is needed');
  const shared = { x: x.share(), factors: factors.share(), base: base.share(), ridge, out: out.share() };
  await compute.run(alsRows, shared, rowTasks(x, factors.numCols), options);
  return out;
}

/**
 * Solves one row at a time, with B and room for the kernel in an instance of its own; H stays where it is.
 */
export class RowSolver {
  readonly #kernels: Kernels;

  /** @throws ShapeError when B does not fit H */
  constructor(
    kernels: Kernels,
    private readonly systems: Pick<RowSystems, 'base'> & { readonly factors: RowSource },
  ) {
    checkBase(systems);
    this.#kernels = new Kernels(kernels.name);
  }

  /**
   * w of one row with the right-hand side Σ_i x_i h_i, or `right`; as `solveRows`.
   *
   * @throws ShapeError when the row has a value below zero or an index that H
   * does not have, SingularMatrixError
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

function checkBase({ factors, base }: { readonly factors: RowSource; readonly base: DenseMatrix }): void {
  if (base.numRows !== factors.numCols || base.numCols !== factors.numCols)
    throw new ShapeError('a square matrix of the width of the factors is needed');
}

interface RowRange {
  readonly first: number;
  readonly rows: number;
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
