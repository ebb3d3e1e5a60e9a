import type { Operation } from '../threads/operation.js';
import type { BlockSystem } from './block-system.js';

/** A core that wants a halo, and how many columns both may have. */
export interface HaloTask {
  readonly core: Uint32Array;
  readonly size: number;
}

/** Columns outside of the core, ascending, and how many entries of Y the whole block has. */
export interface Halo {
  readonly halo: Uint32Array;
  readonly pairs: number;
}

/**
 * The halo of a core C: the columns j outside with the largest Σ_{k∈C} A_jk² / (A_jj·A_kk), ties to the lower
 * column, without those where it is 0; all of them where they fit. One row of A is made at a time, from the
 * rows of Y that have its column, and left again.
 */
export const haloColumns: Operation<BlockSystem, HaloTask, Halo> = {
  name: 'halo-columns',
  open: (_, system) => {
    const finder = new HaloFinder(system);
    return { run: (task) => finder.find(task), close: () => undefined };
  },
};

/** Bytes that a thread holds for halos. */
export function haloBytesPerThread(numCols: number): number {
  return (8 + 8 + 8 + 4 + 4) * numCols;
}

class HaloFinder {
  /** One row of A, of which only the columns in `touched` are not 0. */
  readonly #row: Float64Array;
  readonly #touched: Uint32Array;
  /** k + 1 of the last row that touched a column. */
  readonly #touchedBy: Uint32Array;
  readonly #weights: Float64Array;

  constructor(readonly system: BlockSystem) {
    const { numCols } = system.y;
    [this.#row, this.#weights] = [new Float64Array(numCols), new Float64Array(numCols)];
    [this.#touched, this.#touchedBy] = [new Uint32Array(numCols), new Uint32Array(numCols)];
  }

  find({ core, size }: HaloTask): Halo {
    const { yt, y } = this.system;
    this.#touchedBy.fill(0);
    this.#weights.fill(size < y.numCols ? 0 : 1);
    if (size < y.numCols) for (const column of core) this.#addRow(column);
    for (const column of core) this.#weights[column] = 0;
    const halo = this.#heaviest(Math.max(0, size - core.length));
    const count = (sum: number, column: number) => sum + yt.indptr[column + 1]! - yt.indptr[column]!;
    return { halo, pairs: core.reduce(count, halo.reduce(count, 0)) };
  }

  /** weights_j += A_jk² / (A_jj·A_kk) for all j ≠ k with rows of Y in common. */
  #addRow(k: number): void {
    const { diagonal } = this.system;
    const row = this.#row;
    const numTouched = this.#makeRow(k);
    for (let n = 0; n < numTouched; n++) {
      const j = this.#touched[n]!;
      this.#weights[j]! += (row[j]! * row[j]!) / (diagonal[j]! * diagonal[k]!);
      row[j] = 0;
    }
  }

  /** Row k of YᵀY. @returns the number of columns in `touched` */
  #makeRow(k: number): number {
    const { y, yt } = this.system;
    const [row, touched, touchedBy] = [this.#row, this.#touched, this.#touchedBy];
    let numTouched = 0;
    for (let e = yt.indptr[k]!; e < yt.indptr[k + 1]!; e++) {
      const user = yt.indices[e]!;
      const weight = yt.values[e]!;
      const end = y.indptr[user + 1]!;
      for (let f = y.indptr[user]!; f < end; f++) {
        const j = y.indices[f]!;
        if (touchedBy[j] !== k + 1) {
          touchedBy[j] = k + 1;
          touched[numTouched++] = j;
        }
        row[j]! += weight * y.values[f]!;
      }
    }
    return numTouched;
  }

  /** The columns of the `count` largest weights above 0. */
  #heaviest(count: number): Uint32Array {
    const weights = this.#weights;
    const above = weights.filter((weight) => weight > 0).sort();
    const least = above.length > count ? above[above.length - count]! : 0;
    let ties = count - above.filter((weight) => weight > least).length;
    const found: number[] = [];
    for (let column = 0; column < weights.length && count > 0; column++) {
      const weight = weights[column]!;
      if (weight > least || (weight > 0 && weight === least && ties-- > 0)) found.push(column);
    }
    return Uint32Array.from(found);
  }
}
