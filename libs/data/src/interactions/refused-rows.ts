import { DomainError, type RefusedRows } from '#domain';

/** Why a row is refused. */
export const UNKNOWN_ITEM = 'the catalog does not know the item';

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
