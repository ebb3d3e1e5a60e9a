import { SymmetricMatrix, type SharedSymmetricMatrix } from '../matrices/symmetric-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, Task, ProgressOptions } from '../threads/operation.js';
import { dependenciesOf } from '../threads/task-order.js';
import {
  LOWER_ONLY,
  LOWER_TRIANGULAR_A,
  LOWER_TRIANGULAR_B,
  TRANSPOSE_A,
  TRANSPOSE_B,
} from '../wasm/gemm-flags.js';
import { Arena, check } from '../wasm/memory.js';

/** Address of a tile: row, column. */
type TileAt = readonly [row: number, col: number];
type Factors = readonly [a: TileAt, b: TileAt, flags: number];

/** T ← [target +] α·Σ op(a)·op(b), one product after the other; then target ← what `finish` makes of T. */
interface TileTask {
  readonly target: TileAt;
  readonly keepTarget: boolean;
  readonly alpha: 1 | -1;
  readonly factors: readonly Factors[];
  readonly finish: Finish;
}

type Finish =
  | { readonly kind: 'none' }
  /** (chol T)⁻¹ */
  | { readonly kind: 'inverse-of-factor' }
  /** T·byᵀ */
  | { readonly kind: 'times-transposed'; readonly by: TileAt }
  /** −by·T */
  | { readonly kind: 'negated-left-product'; readonly by: TileAt };

const NONE: Finish = { kind: 'none' };

/**
 * The inverse of a symmetric positive definite matrix as a sequential program over tiles. With A = LLᵀ
 * and W = L⁻¹:
 *
 *   W_kk = (chol(A_kk − Σ_p L_kp L_kpᵀ))⁻¹,  L_ik = (A_ik − Σ_p L_ip L_kpᵀ) W_kkᵀ  (factor)
 *   W_ij = −W_ii Σ_{j≤k<i} L_ik W_kj                                                (inverse of the factor)
 *   P_ij = Σ_{k≥i} W_kiᵀ W_kj                                                       (P = WᵀW)
 *
 * n³ FLOPs in all. Every sum has a fixed order, so the result does not depend on who runs the tasks.
 */
function inverseTasks(side: number): TileTask[] {
  const tasks: TileTask[] = [];
  for (let k = 0; k < side; k++) {
    tasks.push(factorTask(k, k));
    for (let i = k + 1; i < side; i++) tasks.push(factorTask(i, k));
    // While one thread factors the next diagonal tile, the others have these sums, which do not wait for it.
    if (k > 0) for (let i = k + 1; i < side; i++) tasks.push(earlySum(i, k + 1, k));
  }
  for (let j = 0; j < side; j++) for (let i = j + 1; i < side; i++) tasks.push(inverseOfFactorTask(i, j));
  for (let i = 0; i < side; i++) for (let j = 0; j <= i; j++) tasks.push(productTask(i, j, side));
  return tasks;
}

/** A_ik − Σ_{p<end} L_ip L_kpᵀ */
function earlySum(i: number, k: number, end: number): TileTask {
  return { target: [i, k], keepTarget: true, alpha: -1, factors: factorProducts(i, k, 0, end), finish: NONE };
}

/** The last product of the sum, and the tile of L or W. */
function factorTask(i: number, k: number): TileTask {
  const finish: Finish = i === k ? { kind: 'inverse-of-factor' } : { kind: 'times-transposed', by: [k, k] };
  const factors = factorProducts(i, k, Math.max(0, k - 1), k);
  return { target: [i, k], keepTarget: true, alpha: -1, factors, finish };
}

function factorProducts(i: number, k: number, from: number, to: number): Factors[] {
  const flags = TRANSPOSE_B | (i === k ? LOWER_ONLY : 0);
  return range(from, to).map((p) => [[i, p], [k, p], flags]);
}

function inverseOfFactorTask(i: number, j: number): TileTask {
  const factors = range(j, i).map((k): Factors => [[i, k], [k, j], k === j ? LOWER_TRIANGULAR_B : 0]);
  const finish: Finish = { kind: 'negated-left-product', by: [i, i] };
  return { target: [i, j], keepTarget: false, alpha: 1, factors, finish };
}

function productTask(i: number, j: number, side: number): TileTask {
  const factors = range(i, side).map((k): Factors => {
    const triangular = k === i ? LOWER_TRIANGULAR_A | (i === j ? LOWER_TRIANGULAR_B : 0) : 0;
    return [[k, i], [k, j], TRANSPOSE_A | (i === j ? LOWER_ONLY : 0) | triangular];
  });
  return { target: [i, j], keepTarget: false, alpha: 1, factors, finish: NONE };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * Replaces A by A⁻¹, by tiled Cholesky (see the program above). The condition number of G + λI is at
 * most 1 + σ_max²(X)/λ, so float32 is enough for the λ that recommend well; blocks on the diagonal
 * start in double precision.
 *
 * @throws SingularMatrixError when A is not positive definite; A is then half done and must be dropped
 */
export async function invertPositiveDefinite(
  compute: ComputeThreads,
  matrix: SymmetricMatrix,
  options: ProgressOptions = {},
): Promise<void> {
  padDiagonal(matrix);
  const program = inverseTasks(matrix.tilesPerSide);
  const order = dependenciesOf(program.map(accessOf));
  const tasks = program.map((args, position): Task<TileTask> => ({
    args,
    cost: costOf(args),
    after: order[position]!,
  }));
  await compute.run(inverseTiles, matrix.share(), tasks, options);
}

function accessOf({ target, keepTarget, factors, finish }: TileTask) {
  const by = 'by' in finish ? [finish.by] : [];
  const reads = [...factors.flatMap(([a, b]) => [a, b]), ...by, ...(keepTarget ? [target] : [])];
  return { reads: [...new Set(reads.map(placeOf))], writes: placeOf(target) };
}

function placeOf([row, col]: TileAt): number {
  return (row * (row + 1)) / 2 + col;
}

/** In products of tiles. */
function costOf({ factors, finish }: TileTask): number {
  return factors.length + (finish.kind === 'none' ? 0 : 0.5);
}

/** Rows beyond the order become rows of the identity, which the inverse leaves alone. */
function padDiagonal(matrix: SymmetricMatrix): void {
  const last = matrix.tilesPerSide - 1;
  for (let i = matrix.order; i < matrix.tilesPerSide * matrix.tileSize; i++) {
    const offset = i - last * matrix.tileSize;
    matrix.tile(last, last)[offset * (matrix.tileSize + 1)] = 1;
  }
}

interface Slots {
  readonly a: number;
  readonly b: number;
  readonly target: number;
}

export const inverseTiles: Operation<SharedSymmetricMatrix, TileTask, void> = {
  name: 'inverse-tiles',
  open: (kernels, shared) =>
    kernels.run((exports) => {
      const matrix = SymmetricMatrix.of(shared);
      const arena = new Arena(exports);
      const [a, b, target] = [0, 1, 2].map(() => arena.take(matrix.tileSize ** 2 * 4)) as [
        number,
        number,
        number,
      ];
      return {
        run: (task) => kernels.run(() => runTask(arena, { a, b, target }, matrix, task)),
        close: () => arena.free(),
      };
    }),
};

function runTask(arena: Arena, slots: Slots, matrix: SymmetricMatrix, task: TileTask): void {
  const { tileSize } = matrix;
  const length = tileSize * tileSize;
  const target = matrix.tile(...task.target);
  if (task.keepTarget) arena.write(slots.target, target);
  else arena.floats(slots.target, length).fill(0);
  for (const [a, b, flags] of task.factors) {
    arena.write(slots.a, matrix.tile(...a));
    arena.write(slots.b, matrix.tile(...b));
    check(arena.kernels.gemm_tile(tileSize, task.alpha, slots.a, slots.b, slots.target, flags));
  }
  finishTile(arena, slots, matrix, task);
  target.set(arena.floats(slots.target, length));
}

function finishTile(arena: Arena, slots: Slots, matrix: SymmetricMatrix, { finish, target }: TileTask): void {
  const { tileSize } = matrix;
  if (finish.kind === 'none') return;
  if (finish.kind === 'inverse-of-factor') {
    check(arena.kernels.inverse_of_factor(slots.target, tileSize), target[0] * tileSize);
    return;
  }
  const left = finish.kind === 'negated-left-product';
  const sum = arena.floats(slots.target, tileSize * tileSize);
  arena.write(left ? slots.b : slots.a, sum);
  arena.write(left ? slots.a : slots.b, matrix.tile(...finish.by));
  sum.fill(0);
  const flags = left ? LOWER_TRIANGULAR_A : TRANSPOSE_B | LOWER_TRIANGULAR_B;
  check(arena.kernels.gemm_tile(tileSize, left ? -1 : 1, slots.a, slots.b, slots.target, flags));
}
