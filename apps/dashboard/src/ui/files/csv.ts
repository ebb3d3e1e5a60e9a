export type Cell = string | number | boolean | null;

/** A spreadsheet takes texts that begin so for formulas, and names of data may be anything. */
const FORMULA = /^[=+\-@\t\r]/;
/** By this a spreadsheet knows the encoding. */
const BYTE_ORDER_MARK = '\uFEFF';

/** A table by RFC 4180, for spreadsheets: an apostrophe keeps a text from being taken for a formula. */
export function csvOf(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return BYTE_ORDER_MARK + [columns, ...rows].map((row) => `${row.map(fieldOf).join(',')}\r\n`).join('');
}

function fieldOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
