import { ShapeError } from '../errors.js';
import type { CsrArrays, CsrMatrix } from '../matrices/csr-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, Task, ProgressOptions } from '../threads/operation.js';
import { Arena, check } from '../wasm/memory.js';
import { copyRowPart, joinRowParts, takeRowBuffers, type RowPart } from '../wasm/row-parts.js';
import { transpose } from '../wasm/transpose.js';

/** Rows of S that one task makes. */
const ROWS_PER_TASK = 128;

/** How a sum of products becomes a similarity; see `nearestColumns`. */
export interface Similarity {
  /** n, one a column; absent: ones. */
  readonly norms?: Float32Array;
  /** h, from 0 */
  readonly shrinkage?: number;
  /** p, above 0 */
  readonly power?: number;
}

/**
 * Of each row of S the `keep` entries of largest magnitude, without the diagonal, ties to
 * the lower column, with
 *
 *   s_jk = sign(g_jk)·(|g_jk| / (n_j·n_k + h))^p,  G = XᵀX.
 *
 * Neither G nor S is held: a thread makes one row at a time. Costs Σ_u d_u² multiply-adds for
 * rows of d_u entries.
 *
 * @returns an `order × order` CSR matrix for an X with `order` columns
 */
export async function nearestColumns(
  compute: ComputeThreads,
  x: CsrMatrix,
  { keep, ...similarity }: Similarity & { readonly keep: number },
  options: ProgressOptions = {},
): Promise<CsrMatrix> {
  const order = x.numCols;
  const { norms = new Float32Array(order).fill(1), shrinkage = 0, power = 1 } = similarity;
  if (norms.length !== order) throw new ShapeError('one norm a column is needed');
  if (!Number.isInteger(keep) || keep < 1) throw new ShapeError('keep must be a whole number above 0');
  if (!(shrinkage >= 0 && power > 0)) throw new ShapeError('shrinkage from 0 and power above 0 are needed');
  const shared = {
    x: x.share(),
    xt: transpose(compute.kernels, x).share(),
    similarity: { norms, shrinkage, power },
    keep: Math.min(keep, Math.max(1, order - 1)),
  };
  const parts: RowPart[] = [];
  await compute.run(nearestRows, shared, tasksOf(shared), {
    onProgress: options.onProgress,
    onResult: (part) => parts.push(part),
  });
  return joinRowParts(parts, order);
}

/** Row j costs the lengths of the rows of X in which column j has an entry. */
function tasksOf({ x, xt }: Pick<NearestShared, 'x' | 'xt'>): Task<number>[] {
  return Array.from({ length: Math.ceil(x.numCols / ROWS_PER_TASK) }, (_, task) => {
    const first = task * ROWS_PER_TASK;
    const end = Math.min(x.numCols, first + ROWS_PER_TASK);
    let cost = end - first;
    for (let e = xt.indptr[first]!; e < xt.indptr[end]!; e++) {
      const user = xt.indices[e]!;
      cost += x.indptr[user + 1]! - x.indptr[user]!;
    }
    return { args: first, cost, after: [] };
  });
}

interface NearestShared {
  readonly x: CsrArrays;
  readonly xt: CsrArrays;
  readonly similarity: Required<Similarity>;
  readonly keep: number;
}

export const nearestRows: Operation<NearestShared, number, RowPart> = {
  name: 'nearest-rows',
  open: (kernels, { x, xt, similarity, keep }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const [raw, rawTransposed] = [arena.copyInCsr(x), arena.copyInCsr(xt)];
      const norms = arena.copyIn(similarity.norms);
      const buffers = takeRowBuffers(arena, Math.min(ROWS_PER_TASK, x.numCols), keep);
      const { shrinkage, power } = similarity;
      const { columns, values, counts } = buffers;
      return {
        run: (first) =>
          kernels.run(() => {
            const rows = Math.min(ROWS_PER_TASK, x.numCols - first);
            const call = [raw, rawTransposed, first, rows, norms, shrinkage, power, keep] as const;
            check(arena.kernels.nearest_columns(...call, columns, values, counts));
            return copyRowPart(arena, buffers, first, rows);
          }),
        close: () => arena.free(),
      };
    }),
};
