import { ShapeError } from '../errors.js';
import type { CsrMatrix } from '../matrices/csr-matrix.js';
import type { DenseMatrix } from '../matrices/dense-matrix.js';
import { SymmetricMatrix } from '../matrices/symmetric-matrix.js';
import { ChebyshevFilter, type ChebyshevSeries, type GramFactors } from '../spectrum/chebyshev.js';
import type { Session, Task } from '../threads/operation.js';
import type { Kernels } from '../wasm/kernels.js';
import { Arena } from '../wasm/memory.js';
import { transpose } from '../wasm/transpose.js';
import { openStrips, type Strips, type SymmetricSource } from './strip-sources.js';

/** Rows or columns of M that are worked on at a time. */
export const STRIP = 512;
/** Memory of one thread for the rows of K⁻¹X that it keeps while it makes strips of XᵀK⁻¹X from them. */
const BLOCK_BYTES = 256 * 2 ** 20;

/** A symmetric `order × order` matrix M that is never held as a whole, and how threads come by its strips. */
export class SymmetricStrips {
  private constructor(
    readonly order: number,
    readonly source: SymmetricSource,
    /** Strips that share work, so that one thread should do them together. */
    readonly stripsPerTask: number,
  ) {}

  /** M itself is there. */
  static of(matrix: SymmetricMatrix): SymmetricStrips {
    return new SymmetricStrips(matrix.order, { matrix: matrix.share() }, 1);
  }

  /** M = XᵀKX for a symmetric K with one row a row of X. */
  static sandwich(kernels: Kernels, x: CsrMatrix, inner: SymmetricMatrix): SymmetricStrips {
    if (x.numRows !== inner.order) throw new ShapeError('one row of the inner matrix a row of X is needed');
    const xt = transpose(kernels, x);
    const block = Math.max(1, Math.floor(BLOCK_BYTES / (4 * STRIP * Math.max(1, inner.order))));
    return new SymmetricStrips(x.numCols, { matrix: inner.share(), xt: xt.share() }, block);
  }

  /** M = p(YᵀY) + V·diag(weights)·Vᵀ; without V the first part alone. */
  static filtered(
    factors: GramFactors,
    series: ChebyshevSeries,
    lowRank?: { readonly vectors: DenseMatrix; readonly weights: Float32Array },
  ): SymmetricStrips {
    const { numCols } = factors.x;
    if (
      lowRank &&
      (lowRank.vectors.numRows !== numCols || lowRank.weights.length !== lowRank.vectors.numCols)
    )
      throw new ShapeError('one row of vectors a column, and one weight a vector, are needed');
    const added = lowRank && { vectors: lowRank.vectors.share(), weights: lowRank.weights };
    return new SymmetricStrips(numCols, { factors, series, ...added }, 1);
  }

  /** Bytes that one thread needs for filtered strips of `rank` vectors. */
  static filteredBytesPerThread(
    shape: { readonly numRows: number; readonly numCols: number; readonly nnz: number },
    rank: number,
  ): number {
    const width = Math.min(STRIP, shape.numCols);
    return ChebyshevFilter.bytesFor(shape, width) + 4 * shape.numCols * (width + rank) + 8 * width * rank;
  }

  /** Bytes that one thread needs for its strips; `innerOrder` for a sandwich. */
  static bytesPerThread(order: number, innerOrder?: number): number {
    const width = Math.min(STRIP, order);
    const strips = 2 * 4 * width * order;
    if (innerOrder === undefined) return strips;
    const block = Math.max(BLOCK_BYTES, 4 * width * innerOrder);
    return strips + Math.min(block, 4 * order * innerOrder) + 2 * 4 * width * innerOrder;
  }

  tasks(): Task<StripRange>[] {
    const count = Math.ceil(this.order / STRIP);
    return Array.from({ length: Math.ceil(count / this.stripsPerTask) }, (_, task) => {
      const [from, to] = [task * this.stripsPerTask, Math.min(count, (task + 1) * this.stripsPerTask)];
      return { args: { from, to }, cost: to - from, after: [] };
    });
  }
}

/** Strips `from ..< to`. */
export interface StripRange {
  readonly from: number;
  readonly to: number;
}

/** Work on one strip after the other. */
export interface StripWork<Result> {
  run(strip: number): Result;
  gather?(): unknown;
}

/** Does `start`'s work on the strips that it is given, with memory that lasts until the session ends. */
export function openStripSession<Result>(
  kernels: Kernels,
  source: SymmetricSource,
  start: (arena: Arena, strips: Strips) => StripWork<Result>,
): Session<StripRange, Result[]> {
  return kernels.run((exports) => {
    const arena = new Arena(exports);
    const strips = openStrips(arena, source, STRIP);
    const work = start(arena, strips);
    return {
      run: ({ from, to }) =>
        kernels.run(() => {
          strips.prepare(from, to);
          return Array.from({ length: to - from }, (_, offset) => work.run(from + offset));
        }),
      close: () => {
        const gathered = work.gather?.();
        arena.free();
        return gathered;
      },
    };
  });
}
