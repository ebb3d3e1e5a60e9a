import type { CsrMatrix, SparseVector } from './csr-matrix.js';
import { ShapeError } from './errors.js';
import { Kernels } from './kernels.js';
import { Arena, check, withArena } from './memory.js';

/** The k best columns, best first; ties go to the lower index. */
export interface TopK {
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
}

export interface TopKOptions {
  /** Columns that may not be answered. */
  readonly exclude?: Uint32Array;
  /** One byte a column, 0 = may not be answered; absent = all may. */
  readonly allowed?: Uint8Array;
}

/**
 * Scores s = Σ_j w_j · B[j, :] of sparse histories against a sparse matrix B, kept in an instance of its own, so that
 * dropping the scorer frees its memory.
 */
export class RowSparseScorer {
  readonly numRows: number;
  readonly numCols: number;
  readonly #kernels: Kernels;
  readonly #matrix: number;

  constructor(kernels: Kernels, matrix: CsrMatrix) {
    this.#kernels = new Kernels(kernels.name);
    this.numRows = matrix.numRows;
    this.numCols = matrix.numCols;
    this.#matrix = this.#kernels.run((exports) => {
      const address = new Arena(exports).copyInCsr(matrix);
      check(exports.check_csr(address));
      return address;
    });
  }

  /** Bytes that a scorer of this size holds. */
  static bytesFor(numRows: number, numCols: number, nnz: number): number {
    return (numRows + 1) * 4 + nnz * 8 + numCols * 9;
  }

  /** Bytes of the scorer's WebAssembly memory. */
  get memoryBytes(): number {
    return this.#kernels.memoryBytes;
  }

  /** All scores, one a column. @throws ShapeError when the history has an item that is no row of B */
  scores(history: SparseVector): Float32Array {
    return this.#withScores(history, (arena, scores) => arena.floats(scores, this.numCols).slice());
  }

  /** The smaller of `k` and the number of allowed columns, whatever the sign of their scores. */
  topK(history: SparseVector, k: number, options: TopKOptions = {}): TopK {
    const { allowed, exclude } = options;
    if (allowed && allowed.length !== this.numCols) throw new ShapeError('one byte a column is needed');
    return this.#withScores(history, (arena, scores) => {
      const length = Math.min(k, this.numCols);
      const mask = arena.take(this.numCols);
      const flags = arena.bytes(mask, this.numCols);
      if (allowed) flags.set(allowed);
      else flags.fill(1);
      for (const column of exclude ?? []) if (column < this.numCols) flags[column] = 0;
      const [out, found] = [arena.take(length * 4), arena.take(4)];
      check(arena.kernels.top_k(scores, mask, this.numCols, out, length, found));
      const indices = arena.integers(out, arena.integers(found, 1)[0]!).slice();
      const all = arena.floats(scores, this.numCols);
      return { indices, scores: Float32Array.from(indices, (column) => all[column]!) };
    });
  }

  #withScores<Result>(history: SparseVector, work: (arena: Arena, scores: number) => Result): Result {
    if (!history.values.every(Number.isFinite)) throw new ShapeError('values must be finite');
    return this.#kernels.run((exports) =>
      withArena(exports, (arena) => {
        const [items, weights] = [arena.copyIn(history.indices), arena.copyIn(history.values)];
        const scores = arena.take(this.numCols * 4);
        check(exports.score_history(this.#matrix, items, weights, history.indices.length, scores));
        return work(arena, scores);
      }),
    );
  }
}
