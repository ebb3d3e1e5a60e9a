import { LIMITS } from '../limits.js';
import type { RefusedRow, RefusedRows } from './interaction.js';

/** Counts refused rows, and names the first ones. */
export class RefusedRowList implements RefusedRows {
  #count = 0;
  readonly #rows: RefusedRow[] = [];

  get count(): number {
    return this.#count;
  }

  get rows(): readonly RefusedRow[] {
    return this.#rows;
  }

  add(row: RefusedRow): void {
    this.#count++;
    if (this.#rows.length < LIMITS.refusedRows) this.#rows.push(row);
  }
}

/** Those that were refused at two places, in the order of the rows. */
export function joinRefused(one: RefusedRows, other: RefusedRows): RefusedRows {
  const rows = [...one.rows, ...other.rows].sort((a, b) => a.row - b.row);
  return { count: one.count + other.count, rows: rows.slice(0, LIMITS.refusedRows) };
}
