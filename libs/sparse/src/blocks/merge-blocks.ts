import { ShapeError } from '../errors.js';
import { lowerBound } from '../lower-bound.js';
import { CsrMatrix } from '../matrices/csr-matrix.js';
import type { Kernels } from '../wasm/kernels.js';
import { check, withArena, type Arena } from '../wasm/memory.js';
import type { BlockPart, ColumnLists, ListKind } from './block-inverse.js';

/**
 * Which of the two values that blocks know of P_jk is taken: that of the block of k (`column`), that of the
 * block of j (`row`), or the mean of both, or the one that there is (`mean`).
 */
export const READOUTS = ['mean', 'column', 'row'] as const;
export type Readout = (typeof READOUTS)[number];

/** Entries of lists that are sorted by rows at a time. */
const STRIP_ENTRIES = 4 * 2 ** 20;

/** The list that a readout reads. */
export function listOf(readout: Readout): ListKind {
  return readout === 'column' ? 'plain' : 'scaled';
}

export interface MergeOptions {
  readonly numCols: number;
  readonly readout: Readout;
  /** Entries of a row that are kept, those of largest magnitude, ties to the lower column. */
  readonly keep: number;
}

/**
 * B_jk = −P_jk / P_kk off the diagonal for a symmetric P of which blocks know columns.
 *
 * @param parts of all blocks, in any order
 * @returns a `numCols × numCols` CSR matrix
 * @throws ShapeError when the cores are not all columns, each once, or a part has no list for the readout
 */
export function mergeBlocks(
  kernels: Kernels,
  parts: readonly BlockPart[],
  { numCols, readout, keep }: MergeOptions,
): CsrMatrix {
  const columns = new KnownColumns(parts, numCols, listOf(readout));
  return kernels.run((exports) =>
    withArena(exports, (arena) => {
      const rows = new RowChoice(arena, columns, keep);
      for (const strip of columns.strips()) {
        const inLists = columns.transposed(strip);
        for (let j = strip.from; j < strip.to; j++) {
          const own = readout === 'column' ? NOTHING : columns.list(j);
          const others = readout === 'row' ? NOTHING : inLists(j);
          rows.add(own, others);
        }
      }
      return rows.matrix();
    }),
  );
}

/** Ascending indices and their values. */
interface Entries {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

const NOTHING: Entries = { indices: new Uint32Array(0), values: new Float32Array(0) };

/** Rows `from ..< to`. */
interface Strip {
  readonly from: number;
  readonly to: number;
}

/** The lists of all columns, as the parts have them. */
class KnownColumns {
  readonly diagonal: Float32Array;
  readonly #lists: (ColumnLists | undefined)[] = [];
  /** Which of the lists has a column, and where in it. */
  readonly #listOf: Uint32Array;
  readonly #start: Uint32Array;
  readonly #count: Uint32Array;

  constructor(
    parts: readonly BlockPart[],
    readonly numCols: number,
    kind: ListKind,
  ) {
    this.diagonal = new Float32Array(numCols);
    this.#listOf = new Uint32Array(numCols).fill(parts.length);
    [this.#start, this.#count] = [new Uint32Array(numCols), new Uint32Array(numCols)];
    parts.forEach(({ core, diagonal, lists }, part) => {
      const list = lists[kind];
      if (!list) throw new ShapeError(`a block lacks its ${kind} list`);
      this.#lists.push(list);
      let start = 0;
      core.forEach((column, c) => {
        this.#listOf[column] = part;
        this.diagonal[column] = diagonal[c]!;
        this.#start[column] = start;
        start += this.#count[column] = list.counts[c]!;
      });
    });
    const numCores = parts.reduce((sum, { core }) => sum + core.length, 0);
    if (numCores !== numCols || this.#listOf.includes(parts.length))
      throw new ShapeError('each column must be in one core');
  }

  /** p_kj by k, without p_jj. */
  list(j: number): Entries {
    const { rows, values } = this.#lists[this.#listOf[j]!]!;
    const [start, end] = [this.#start[j]!, this.#start[j]! + this.#count[j]!];
    return { indices: rows.subarray(start, end), values: values.subarray(start, end) };
  }

  /** All rows, in strips that have not too many entries in the lists. */
  strips(): Strip[] {
    const perRow = new Uint32Array(this.numCols);
    for (const list of this.#lists) for (const row of list!.rows) perRow[row]!++;
    const strips: Strip[] = [];
    for (let from = 0, to = 0; from < this.numCols; from = to) {
      let entries = perRow[to++]!;
      while (to < this.numCols && entries + perRow[to]! <= STRIP_ENTRIES) entries += perRow[to++]!;
      strips.push({ from, to });
    }
    return strips;
  }

  /** For each row j of a strip p_jk by k, without p_jj, as the lists of other columns have it. */
  transposed({ from, to }: Strip): (j: number) => Entries {
    const ends = new Uint32Array(to - from + 1);
    this.#forEachIn(from, to, (row) => ends[row - from + 1]!++);
    for (let r = 0; r < to - from; r++) ends[r + 1]! += ends[r]!;
    const next = ends.slice();
    const total = ends[to - from]!;
    const [indices, values] = [new Uint32Array(total), new Float32Array(total)];
    this.#forEachIn(from, to, (row, column, value) => {
      const place = next[row - from]!++;
      indices[place] = column;
      values[place] = value;
    });
    return (j) => {
      const [start, end] = [ends[j - from]!, ends[j - from + 1]!];
      return { indices: indices.subarray(start, end), values: values.subarray(start, end) };
    };
  }

  /** Entries in the rows `from ..< to`, column by column. */
  #forEachIn(from: number, to: number, visit: (row: number, column: number, value: number) => void): void {
    for (let column = 0; column < this.numCols; column++) {
      const { rows, values } = this.#lists[this.#listOf[column]!]!;
      const [start, end] = [this.#start[column]!, this.#start[column]! + this.#count[column]!];
      for (let e = lowerBound(start, end, (at) => rows[at]! < from); e < end && rows[e]! < to; e++)
        visit(rows[e]!, column, values[e]!);
    }
  }
}

/** The largest entries of one row of B after the other. */
class RowChoice {
  /** B's candidates in one row, and room for them in a thread's memory. */
  readonly #indices: Uint32Array;
  readonly #values: number;
  readonly #ones: number;
  readonly #found: { readonly columns: number; readonly values: number; readonly count: number };
  readonly #keep: number;
  readonly #indptr: Uint32Array;
  readonly #chosen: Uint32Array;
  readonly #weights: Float32Array;
  #row = 0;

  constructor(
    readonly arena: Arena,
    readonly columns: KnownColumns,
    keep: number,
  ) {
    const { numCols } = columns;
    this.#keep = Math.min(keep, Math.max(1, numCols - 1));
    this.#indices = new Uint32Array(numCols);
    this.#values = arena.take(4 * numCols);
    this.#ones = arena.copyIn(new Float32Array(numCols).fill(1));
    const bytes = 4 * this.#keep;
    this.#found = { columns: arena.take(bytes), values: arena.take(bytes), count: arena.take(4) };
    this.#indptr = new Uint32Array(numCols + 1);
    this.#chosen = new Uint32Array(numCols * this.#keep);
    this.#weights = new Float32Array(numCols * this.#keep);
  }

  /** Adds the next row of B, of P's entries by the block of j and by those of other columns. */
  add(own: Entries, others: Entries): void {
    const width = this.#join(own, others);
    const start = this.#indptr[this.#row]!;
    const { columns, values, count } = this.#found;
    if (width > 0) {
      const { kernels } = this.arena;
      const call = [this.#values, width, 1, this.#ones, width, this.#keep] as const;
      check(kernels.largest_per_row(...call, columns, values, count));
    }
    const chosen = width > 0 ? this.arena.integers(count, 1)[0]! : 0;
    this.arena.integers(columns, chosen).forEach((place, n) => {
      this.#chosen[start + n] = this.#indices[place]!;
    });
    this.#weights.set(this.arena.floats(values, chosen), start);
    this.#indptr[++this.#row] = start + chosen;
  }

  /** @returns number of candidates */
  #join(own: Entries, others: Entries): number {
    const { diagonal, numCols } = this.columns;
    const values = this.arena.floats(this.#values, numCols);
    let [a, b, width] = [0, 0, 0];
    while (a < own.indices.length || b < others.indices.length) {
      const [left, right] = [own.indices[a] ?? numCols, others.indices[b] ?? numCols];
      const k = Math.min(left, right);
      const sum = (left === k ? own.values[a++]! : 0) + (right === k ? others.values[b++]! : 0);
      this.#indices[width] = k;
      values[width++] = (left === right ? sum / 2 : sum) / -diagonal[k]!;
    }
    return width;
  }

  matrix(): CsrMatrix {
    const { numCols } = this.columns;
    const nnz = this.#indptr[numCols]!;
    return new CsrMatrix({
      numRows: numCols,
      numCols,
      indptr: this.#indptr,
      indices: this.#chosen.slice(0, nnz),
      values: this.#weights.slice(0, nnz),
    });
  }
}
