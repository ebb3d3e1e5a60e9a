import { ShapeError } from '../errors.js';
import type { ScaledStrips } from '../gram/largest-per-row.js';
import type { SymmetricSource } from '../gram/strip-sources.js';
import { openStripSession, type StripRange } from '../gram/symmetric-strips.js';
import type { CsrArrays, CsrMatrix } from '../matrices/csr-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation } from '../threads/operation.js';
import { check } from '../wasm/memory.js';

/** Ranked columns of every row: row r has `counts[r]` of them in `columns[r·k ..]`, best first. */
export interface RankedRows {
  readonly k: number;
  readonly columns: Uint32Array;
  readonly scores: Float32Array;
  readonly counts: Uint32Array;
}

/**
 * For each row x of X the k largest entries of x·diag(rows)·M·diag(columns) where x itself has none,
 * descending, ties to the lower column.
 */
export async function rankRows(
  compute: ComputeThreads,
  x: CsrMatrix,
  { matrix, scaling }: ScaledStrips,
  k: number,
): Promise<RankedRows> {
  if (x.numCols !== matrix.order)
    throw new ShapeError(`${x.numCols} columns cannot multiply a matrix of order ${matrix.order}`);
  const scaled = scaling.rows ? x.scale({ columns: scaling.rows }) : x;
  const shared = { source: matrix.source, x: scaled.share(), columns: scaling.columns, k };
  const parts = (await compute.run(rankColumns, shared, matrix.tasks())) as RankedRows[];
  return parts.reduce((a, b) => mergeRanked(a, b, x.numRows));
}

/** The best of both; columns that tie come in the order of their numbers, whoever found them. */
function mergeRanked(a: RankedRows, b: RankedRows, numRows: number): RankedRows {
  const { k } = a;
  const merged = {
    k,
    columns: new Uint32Array(numRows * k),
    scores: new Float32Array(numRows * k),
    counts: new Uint32Array(numRows),
  };
  for (let row = 0; row < numRows; row++) {
    let [left, right] = [row * k, row * k];
    const [endLeft, endRight] = [left + a.counts[row]!, right + b.counts[row]!];
    const count = Math.min(k, a.counts[row]! + b.counts[row]!);
    for (let out = row * k; out < row * k + count; out++) {
      const takeLeft = right === endRight || (left < endLeft && isBetter(a, left, b, right));
      const [from, at] = takeLeft ? [a, left++] : [b, right++];
      merged.columns[out] = from.columns[at]!;
      merged.scores[out] = from.scores[at]!;
    }
    merged.counts[row] = count;
  }
  return merged;
}

function isBetter(a: RankedRows, i: number, b: RankedRows, j: number): boolean {
  const difference = a.scores[i]! - b.scores[j]!;
  return difference > 0 || (difference === 0 && a.columns[i]! < b.columns[j]!);
}

interface RankShared {
  readonly source: SymmetricSource;
  readonly x: CsrArrays;
  readonly columns: Float32Array;
  readonly k: number;
}

export const rankColumns: Operation<RankShared, StripRange, undefined[]> = {
  name: 'rank-columns',
  open: (kernels, { source, x, columns, k }) =>
    openStripSession(kernels, source, (arena, strips) => {
      const [raw, scale] = [arena.copyInCsr(x), arena.copyIn(columns)];
      const length = x.numRows * k;
      const [indices, scores] = [arena.take(length * 4), arena.take(length * 4)];
      const counts = arena.copyIn(new Uint32Array(x.numRows));
      return {
        run: (strip) => {
          const { address, first, width } = strips.columns(strip);
          const part = scale + first * 4;
          check(arena.kernels.rank_strip(raw, first, address, part, width, k, indices, scores, counts));
          return undefined;
        },
        gather: (): RankedRows => ({
          k,
          columns: arena.integers(indices, length).slice(),
          scores: arena.floats(scores, length).slice(),
          counts: arena.integers(counts, x.numRows).slice(),
        }),
      };
    }),
};
