import { ShapeError } from '../errors.js';
import type { CsrMatrix } from '../matrices/csr-matrix.js';
import { DenseMatrix, type SharedDense } from '../matrices/dense-matrix.js';
import type { ComputeThreads, OpenOperation } from '../threads/compute-threads.js';
import type { Operation, Task } from '../threads/operation.js';
import { Arena } from '../wasm/memory.js';
import { ChebyshevFilter, gramFactors, type ChebyshevSeries, type GramFactors } from './chebyshev.js';
import { Lanczos, type Tridiagonal } from './lanczos.js';

/** Columns that are filtered at a time: a panel of an ordinary catalog stays in the second-level cache. */
const PANEL_COLUMNS = 16;

/** The columns `from ..< from + width` of out ← p(XᵀX)·Q. */
interface Panel {
  readonly series: ChebyshevSeries;
  readonly q: SharedDense;
  readonly out: SharedDense;
  readonly from: number;
  readonly width: number;
}

/** Lanczos' recurrence of `columns` random vectors from a seed. */
interface LanczosPanel {
  readonly seed: number;
  readonly columns: number;
  readonly steps: number;
}

type GramTask = Panel | LanczosPanel;
type GramAnswer = Tridiagonal[] | undefined;

/** Products with polynomials of G = XᵀX; X and its transpose stay in all threads until `close`. */
export class GramProducts {
  readonly numCols: number;
  readonly #threads: OpenOperation<GramFactors, GramTask, GramAnswer>;

  constructor(compute: ComputeThreads, x: CsrMatrix) {
    this.numCols = x.numCols;
    this.#threads = compute.open(gramProducts, gramFactors(compute, x));
  }

  /** Bytes that a thread holds. */
  static bytesPerThread(shape: Parameters<typeof ChebyshevFilter.bytesFor>[0]): number {
    return ChebyshevFilter.bytesFor(shape, PANEL_COLUMNS);
  }

  /**
   * p(G)·Q for each of some tall Q (`x.numCols` rows), column panel by column panel, so that threads need not
   * meet. Costs 4·nnz FLOPs a column and degree.
   */
  async apply(series: ChebyshevSeries, blocks: readonly DenseMatrix[]): Promise<DenseMatrix[]> {
    if (blocks.some(({ numRows }) => numRows !== this.numCols))
      throw new ShapeError('one row of Q a column of X is needed');
    const images = blocks.map(({ numRows, numCols }) => DenseMatrix.zeros(numRows, numCols));
    const tasks = blocks.flatMap((block, index) => {
      const [q, out] = [block.share(), images[index]!.share()];
      return Array.from({ length: Math.ceil(q.numCols / PANEL_COLUMNS) }, (_, panel): Task<GramTask> => {
        const from = panel * PANEL_COLUMNS;
        const width = Math.min(PANEL_COLUMNS, q.numCols - from);
        return { args: { series, q, out, from, width }, cost: width, after: [] };
      });
    });
    await this.#threads.run(tasks);
    return images;
  }

  /** For each seed, Lanczos' tridiagonal matrices of `columns` random vectors, at most `PANEL_COLUMNS`. */
  async lanczos(
    seeds: readonly number[],
    { columns, steps }: { readonly columns: number; readonly steps: number },
  ): Promise<Tridiagonal[][]> {
    const found: Tridiagonal[][] = [];
    const tasks = seeds.map((seed): Task<GramTask> => ({
      args: { seed, columns, steps },
      cost: 1,
      after: [],
    }));
    await this.#threads.run(tasks, { onResult: (answer, position) => (found[position] = answer!) });
    return found;
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }
}

export const gramProducts: Operation<GramFactors, GramTask, GramAnswer> = {
  name: 'gram-products',
  open: (kernels, factors) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const filter = new ChebyshevFilter(arena, factors, PANEL_COLUMNS);
      return {
        run: (task) =>
          kernels.run(() => {
            if ('seed' in task) return new Lanczos(filter, factors.x.numCols, task).run();
            filterPanel(filter, task);
            return undefined;
          }),
        close: () => arena.free(),
      };
    }),
};

function filterPanel(filter: ChebyshevFilter, { series, q, out, from, width }: Panel): void {
  const panel = filter.input(width);
  copyColumns(
    { values: q.values, numCols: q.numCols, from },
    { values: panel, numCols: width, from: 0 },
    width,
  );
  const filtered = filter.apply(series, width);
  copyColumns(
    { values: filtered, numCols: width, from: 0 },
    { values: out.values, numCols: out.numCols, from },
    width,
  );
}

interface Columns {
  readonly values: Float32Array;
  readonly numCols: number;
  readonly from: number;
}

/** Entry by entry: a call for each short row takes longer. */
function copyColumns(source: Columns, target: Columns, width: number): void {
  const numRows = target.values.length / target.numCols;
  for (let row = 0; row < numRows; row++) {
    const [read, written] = [row * source.numCols + source.from, row * target.numCols + target.from];
    for (let column = 0; column < width; column++)
      target.values[written + column] = source.values[read + column]!;
  }
}
