import { keepsBlanks } from '../formats/delimited-rows.js';
import type { Row, Table } from '../formats/table.js';

const BLANK = 32;

/** A cell without blanks around it. Those of JSON and those enclosed in quotes belong to the text. */
export function trimmedCell(row: Row, at: number | string, table: Pick<Table, 'hasObjects'>): unknown {
  const value = row[at];
  if (typeof value !== 'string' || table.hasObjects || value === '') return value;
  if (value.charCodeAt(0) > BLANK && value.charCodeAt(value.length - 1) > BLANK) return value;
  return keepsBlanks(row, at) ? value : value.trim();
}
