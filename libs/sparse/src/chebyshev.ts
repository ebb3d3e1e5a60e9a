import type { ComputeThreads, Operation, Task } from './compute-threads.js';
import type { CsrArrays, CsrMatrix } from './csr-matrix.js';
import { DenseMatrix, type SharedDense } from './dense-matrix.js';
import { ShapeError } from './errors.js';
import { transpose } from './gram.js';
import { Arena, check } from './memory.js';

/** Columns that are filtered at a time: as many floats of a row as four cache lines hold; fewer where there is little to share. */
export const PANEL_COLUMNS = 64;
const NARROW_PANEL_COLUMNS = 16;

/**
 * A polynomial of G = XᵀX by Chebyshev's recurrence: p(G) = Σ_j coefficients_j·T_j(scale·G + shift·I) with T_0 = I, T_1 = A,
 * T_{j+1} = 2A·T_j − T_{j−1}.
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

/**
 * p(XᵀX)·Q for a tall Q (`x.numCols` rows), column panel by column panel, so that threads need not meet. Costs
 * 4·nnz·q.numCols FLOPs a degree.
 */
export async function applyChebyshev(
  compute: ComputeThreads,
  factors: GramFactors,
  series: ChebyshevSeries,
  q: DenseMatrix,
): Promise<DenseMatrix> {
  if (q.numRows !== factors.x.numCols) throw new ShapeError('one row of Q a column of X is needed');
  const out = DenseMatrix.zeros(q.numRows, q.numCols);
  const panelColumns = q.numCols > PANEL_COLUMNS ? PANEL_COLUMNS : NARROW_PANEL_COLUMNS;
  const shared = { factors, series, q: q.share(), out: out.share(), panelColumns };
  const tasks = Array.from({ length: Math.ceil(q.numCols / panelColumns) }, (_, panel): Task<Panel> => {
    const from = panel * panelColumns;
    const width = Math.min(panelColumns, q.numCols - from);
    return { args: { from, width }, cost: width, after: [] };
  });
  await compute.run(chebyshevPanels, shared, tasks);
  return out;
}

/** Columns `from ..< from + width`. */
interface Panel {
  readonly from: number;
  readonly width: number;
}

interface ChebyshevShared {
  readonly factors: GramFactors;
  readonly series: ChebyshevSeries;
  readonly q: SharedDense;
  readonly out: SharedDense;
  readonly panelColumns: number;
}

export const chebyshevPanels: Operation<ChebyshevShared, Panel, void> = {
  name: 'chebyshev-panels',
  open: (kernels, { factors, series, q, out, panelColumns }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const filter = new ChebyshevFilter(arena, factors, panelColumns);
      return {
        run: ({ from, width }) =>
          kernels.run(() => {
            const panel = filter.input(width);
            for (let row = 0; row < q.numRows; row++) {
              const start = row * q.numCols + from;
              panel.set(q.values.subarray(start, start + width), row * width);
            }
            const filtered = filter.apply(series, width);
            for (let row = 0; row < q.numRows; row++)
              out.values.set(filtered.subarray(row * width, (row + 1) * width), row * out.numCols + from);
          }),
        close: () => arena.free(),
      };
    }),
};

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
