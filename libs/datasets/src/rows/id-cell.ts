import type { Column } from '../columns/mapping.js';
import { cellOf, type Row, type Table } from '../formats/table.js';
import { readId } from '../values/ids.js';
import { trimmedCell } from './trimmed-cell.js';

/** Reads the id of an item or of a user. */
export class IdCell {
  readonly #at: number | string;

  constructor(
    private readonly table: Table,
    private readonly column: Column,
    private readonly onTrimmed: () => void = () => {},
  ) {
    this.#at = cellOf(table, column.index);
  }

  /** @throws InvalidValue */
  read(row: Row): string {
    const trimmed = trimmedCell(row, this.#at, this.table);
    if (trimmed !== row[this.#at]) this.onTrimmed();
    return readId(trimmed, this.column.label);
  }
}
