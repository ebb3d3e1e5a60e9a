import type { CsrArrays, CsrMatrix } from '../matrices/csr-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import { Arena, check } from '../wasm/memory.js';
import { transpose } from '../wasm/transpose.js';

/**
 * A polynomial of G = XᵀX by Chebyshev's recurrence: p(G) = Σ_j coefficients_j·T_j(scale·G + shift·I) with
 * T_0 = I, T_1 = A, T_{j+1} = 2A·T_j − T_{j−1}.
 */
export interface ChebyshevSeries {
  readonly scale: number;
  readonly shift: number;
  readonly coefficients: readonly number[];
}

/** G itself. */
export const GRAM: ChebyshevSeries = { scale: 1, shift: 0, coefficients: [0, 1] };

/** X and its transpose, for products with G = XᵀX. */
export interface GramFactors {
  readonly x: CsrArrays;
  readonly xt: CsrArrays;
}

export function gramFactors(compute: ComputeThreads, x: CsrMatrix): GramFactors {
  return { x: x.share(), xt: transpose(compute.kernels, x).share() };
}

/** Applies series of one G to panels in a thread's memory. */
export class ChebyshevFilter {
  readonly #x: number;
  readonly #xt: number;
  readonly #numCols: number;
  /** Addresses of T_{j−1}·Q, T_j·Q and the sum, `numCols × width` each, and of X·T_j·Q. */
  #previous: number;
  #current: number;
  readonly #sum: number;
  readonly #product: number;

  constructor(
    readonly arena: Arena,
    { x, xt }: GramFactors,
    maxWidth: number,
  ) {
    [this.#x, this.#xt] = [arena.copyInCsr(x), arena.copyInCsr(xt)];
    this.#numCols = x.numCols;
    const bytes = x.numCols * maxWidth * 4;
    [this.#previous, this.#current, this.#sum] = [arena.take(bytes), arena.take(bytes), arena.take(bytes)];
    this.#product = arena.take(x.numRows * maxWidth * 4);
  }

  /** Bytes that a filter holds. */
  static bytesFor(
    shape: { readonly numRows: number; readonly numCols: number; readonly nnz: number },
    maxWidth: number,
  ): number {
    const sparse = 2 * (8 * shape.nnz + 4 * (shape.numRows + shape.numCols + 2));
    return sparse + 4 * maxWidth * (3 * shape.numCols + shape.numRows);
  }

  /** Where the panel goes, `numCols × width`, row-major; to be filled before each `apply`. */
  input(width: number): Float32Array {
    return this.#panel(this.#current, width);
  }

  /** p(G)·panel, until the next call; `address` tells kernels where it is. */
  apply({ scale, shift, coefficients }: ChebyshevSeries, width: number): Float32Array {
    const sum = this.#panel(this.#sum, width);
    const first = this.#panel(this.#current, width);
    const constant = coefficients[0] ?? 0;
    for (let e = 0; e < sum.length; e++) sum[e] = constant * first[e]!;
    for (let degree = 1; degree < coefficients.length; degree++) {
      const isFirst = degree === 1;
      this.#step(isFirst ? scale : 2 * scale, isFirst ? shift : 2 * shift, isFirst ? 0 : -1, width);
      addScaled(this.#panel(this.#sum, width), coefficients[degree]!, this.#panel(this.#current, width));
    }
    return this.#panel(this.#sum, width);
  }

  /** Address of what `apply` answered. */
  get address(): number {
    return this.#sum;
  }

  /** previous, current ← current, scale·G·current + shift·current + back·previous */
  #step(scale: number, shift: number, back: -1 | 0, width: number): void {
    const { kernels } = this.arena;
    check(kernels.sparse_times_panel(this.#x, this.#current, width, 1, 0, 0, 0, this.#product));
    check(
      kernels.sparse_times_panel(
        this.#xt,
        this.#product,
        width,
        scale,
        back,
        this.#current,
        shift,
        this.#previous,
      ),
    );
    [this.#previous, this.#current] = [this.#current, this.#previous];
  }

  #panel(address: number, width: number): Float32Array {
    return this.arena.floats(address, this.#numCols * width);
  }
}

function addScaled(sum: Float32Array, factor: number, terms: Float32Array): void {
  if (factor === 0) return;
  for (let e = 0; e < sum.length; e++) sum[e]! += factor * terms[e]!;
}
