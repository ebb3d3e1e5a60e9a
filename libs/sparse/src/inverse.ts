import type { ProgressOptions } from './gram.js';
import type { Kernels } from './kernels.js';
import { check, withArena, type Arena } from './memory.js';
import type { SymmetricMatrix } from './symmetric-matrix.js';

const TRANSPOSE_A = 1;
const TRANSPOSE_B = 2;
const LOWER_ONLY = 4;

/** Address of a tile: row, column. */
type TileAt = readonly [row: number, col: number];

/** target ← [target +] alpha · Σ op(a)·op(b), one product after the other, in this order. */
interface Product {
  readonly kind: 'product';
  readonly target: TileAt;
  readonly keepTarget: boolean;
  readonly alpha: 1 | -1;
  readonly flags: number;
  readonly factors: readonly (readonly [a: TileAt, b: TileAt])[];
}
/** target ← inverse of the Cholesky factor of target. */
interface Factor {
  readonly kind: 'factor';
  readonly target: TileAt;
}
type TileTask = Product | Factor;

/**
 * The inverse of a symmetric positive definite matrix as a list of tile tasks, in an order that respects every dependency.
 * With A = LLᵀ and W = L⁻¹, by tiles:
 *
 *   W_kk = (chol(A_kk − Σ_p L_kp L_kpᵀ))⁻¹,  L_ik = (A_ik − Σ_p L_ip L_kpᵀ) W_kkᵀ       (factor)
 *   W_ij = −W_ii Σ_{j≤k<i} L_ik W_kj                                                     (inverse of the factor)
 *   P_ij = Σ_{k≥i} W_kiᵀ W_kj                                                            (P = WᵀW)
 *
 * n³ FLOPs in all. Every sum has a fixed order, so the result does not depend on who runs the tasks.
 */
function* inverseTasks(side: number): Generator<TileTask> {
  for (let k = 0; k < side; k++) {
    yield* leftLooking(k, k, LOWER_ONLY | TRANSPOSE_B);
    yield { kind: 'factor', target: [k, k] };
    for (let i = k + 1; i < side; i++) {
      yield* leftLooking(i, k, TRANSPOSE_B);
      yield {
        kind: 'product',
        target: [i, k],
        keepTarget: false,
        alpha: 1,
        flags: TRANSPOSE_B,
        factors: [
          [
            [i, k],
            [k, k],
          ],
        ],
      };
    }
  }
  for (let j = 0; j < side; j++) {
    for (let i = j + 1; i < side; i++) {
      const factors = range(j, i).map(
        (k) =>
          [
            [i, k],
            [k, j],
          ] as const,
      );
      yield { kind: 'product', target: [i, j], keepTarget: false, alpha: 1, flags: 0, factors };
      yield {
        kind: 'product',
        target: [i, j],
        keepTarget: false,
        alpha: -1,
        flags: 0,
        factors: [
          [
            [i, i],
            [i, j],
          ],
        ],
      };
    }
  }
  for (let i = 0; i < side; i++) {
    for (let j = 0; j <= i; j++) {
      const factors = range(i, side).map(
        (k) =>
          [
            [k, i],
            [k, j],
          ] as const,
      );
      yield { kind: 'product', target: [i, j], keepTarget: false, alpha: 1, flags: TRANSPOSE_A, factors };
    }
  }
}

function* leftLooking(i: number, k: number, flags: number): Generator<TileTask> {
  if (k === 0) return;
  const factors = range(0, k).map(
    (p) =>
      [
        [i, p],
        [k, p],
      ] as const,
  );
  yield { kind: 'product', target: [i, k], keepTarget: true, alpha: -1, flags, factors };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * Replaces A by A⁻¹, by tiled Cholesky (see the task list above). The condition number of G + λI is at most
 * 1 + σ_max²(X)/λ, so float32 is enough for the λ that recommend well; blocks on the diagonal start in double precision.
 *
 * @throws SingularMatrixError when A is not positive definite; A is then half done and must be dropped
 */
export async function invertPositiveDefinite(
  kernels: Kernels,
  matrix: SymmetricMatrix,
  options: ProgressOptions = {},
): Promise<void> {
  padDiagonal(matrix);
  const tasks = [...inverseTasks(matrix.tilesPerSide)];
  const total = tasks.reduce((sum, task) => sum + cost(task), 0);
  let done = 0;
  kernels.run((exports) =>
    withArena(exports, (arena) => {
      const bytes = matrix.tileSize ** 2 * 4;
      const slots = { a: arena.take(bytes), b: arena.take(bytes), target: arena.take(bytes) };
      for (const task of tasks) {
        runTask(arena, slots, matrix, task);
        done += cost(task);
        options.onProgress?.(done / total);
      }
    }),
  );
  return Promise.resolve();
}

function cost(task: TileTask): number {
  return task.kind === 'factor' ? 1 : task.factors.length;
}

/** Rows beyond the order become rows of the identity, which the inverse leaves alone. */
function padDiagonal(matrix: SymmetricMatrix): void {
  const last = matrix.tilesPerSide - 1;
  for (let i = matrix.order; i < matrix.tilesPerSide * matrix.tileSize; i++) {
    const offset = i - last * matrix.tileSize;
    matrix.tile(last, last)[offset * (matrix.tileSize + 1)] = 1;
  }
}

function runTask(
  arena: Arena,
  slots: { readonly a: number; readonly b: number; readonly target: number },
  matrix: SymmetricMatrix,
  task: TileTask,
): void {
  const { tileSize } = matrix;
  const length = tileSize * tileSize;
  const target = matrix.tile(...task.target);
  if (task.kind === 'factor') {
    arena.write(slots.target, target);
    check(arena.kernels.inverse_of_factor(slots.target, tileSize), task.target[0] * tileSize);
  } else {
    if (task.keepTarget) arena.write(slots.target, target);
    else arena.floats(slots.target, length).fill(0);
    for (const [a, b] of task.factors) {
      arena.write(slots.a, matrix.tile(...a));
      arena.write(slots.b, matrix.tile(...b));
      check(arena.kernels.gemm_tile(tileSize, task.alpha, slots.a, slots.b, slots.target, task.flags));
    }
  }
  target.set(arena.floats(slots.target, length));
}
