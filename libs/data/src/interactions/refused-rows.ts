import { DomainError, LIMITS, type RefusedRow, type RefusedRows } from '#domain';

const UNKNOWN_ITEM = 'the catalog does not know the item';

/** Counts refused rows, and names the first ones. */
export class RefusedRowList {
  #count = 0;
  readonly #rows: RefusedRow[] = [];

  add(row: RefusedRow): void {
    this.#count++;
    if (this.#rows.length < LIMITS.refusedRows) this.#rows.push(row);
  }

  /** With those that were refused elsewhere, in the order of the rows. */
  joined({ count, rows }: RefusedRows): RefusedRows {
    const all = [...this.#rows, ...rows].sort((one, other) => one.row - other.row);
    return { count: this.#count + count, rows: all.slice(0, LIMITS.refusedRows) };
  }
}

/** @param count of all rows with unknown items, of which `rows` are the first */
export function unknownItemRows(count: number, rows: readonly number[]): RefusedRows {
  return { count, rows: rows.map((row) => ({ row, reason: UNKNOWN_ITEM })) };
}

/** @param list name of the list of rows in the pointers to them */
export function unknownItems({ count, rows }: RefusedRows, list: string): DomainError {
  return new DomainError('unknown-items', `${count} rows name items that the catalog does not know`, {
    errors: rows.map(({ row, reason }) => ({ pointer: `#/${list}/${row}/itemId`, detail: reason })),
    extensions: { refused: count },
  });
}
