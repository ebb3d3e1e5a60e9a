import type { CsvError, InfoField } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { refusedRow } from '../refused-row.js';
import type { TextPiece } from '../text/read-text.js';
import { MAX_COLUMNS, type Row, type RowChunk } from './table.js';

export interface DelimitedOptions {
  /** For messages. */
  readonly name: string;
  /** A blank stands for any number of blanks and tabs. */
  readonly delimiter: string;
  /** Whether `"` may enclose a cell that has the delimiter or a line end in it. */
  readonly quoted: boolean;
  /** The line of the header, after which rows begin; 0 without one. */
  readonly headerLine: number;
}

/** A quoted cell may go on over pieces of text of this length. */
const MAX_QUOTED_LENGTH = 1024 * 1024;
const LINE_END = /\r\n|\n|\r/;
export const BLANKS = /[ \t]+/;

/** Rows of a table in text. A piece without a quote is split plainly, any other by csv-parse. */
export async function* readDelimited(
  pieces: AsyncIterable<TextPiece>,
  options: DelimitedOptions,
): AsyncGenerator<RowChunk> {
  let open: TextPiece | null = null;
  for await (const piece of pieces) {
    const whole: TextPiece = open ? { text: open.text + piece.text, line: open.line } : piece;
    open = null;
    if (!options.quoted || !whole.text.includes('"')) yield splitPlainly(whole, options);
    else if (isClosed(whole.text) || whole.text.length > MAX_QUOTED_LENGTH) yield parseQuoted(whole, options);
    else open = whole;
  }
  if (open) yield parseQuoted(open, options);
}

function splitPlainly(piece: TextPiece, options: DelimitedOptions): RowChunk {
  const isPlain =
    options.delimiter !== ' ' && !options.delimiter.includes('\n') && !piece.text.includes('\r');
  return isPlain ? splitAtOnce(piece, options) : splitLines(piece, options);
}

/**
 * Lines that end with \n, in one go. A delimiter that was found behind a line is that of a later one. All
 * that stands behind as many cells as there may be is one more.
 */
function splitAtOnce({ text, line }: TextPiece, { delimiter, headerLine }: DelimitedOptions): RowChunk {
  const rows: Row[] = [];
  const lines: number[] = [];
  let next = placeOf(delimiter, text, 0);
  for (let [start, number] = [0, line]; start <= text.length; number++) {
    const end = placeOf('\n', text, start);
    if (next < start) next = placeOf(delimiter, text, start);
    if (number > headerLine && (text.charCodeAt(start) > 32 || text.slice(start, end).trim() !== '')) {
      const cells: string[] = [];
      for (; next < end && cells.length < MAX_COLUMNS; next = placeOf(delimiter, text, start)) {
        cells.push(text.slice(start, next));
        start = next + delimiter.length;
      }
      cells.push(text.slice(start, end));
      rows.push(cells as unknown as Row);
      lines.push(number);
    }
    start = end + 1;
  }
  return { rows, lines };
}

/** @returns the length of `text` where `wanted` is not in it */
function placeOf(wanted: string, text: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? text.length : at;
}

/** The slow twin of `splitAtOnce`, which knows all line ends, and blanks between cells. */
export function splitLines({ text, line }: TextPiece, { delimiter, headerLine }: DelimitedOptions): RowChunk {
  const rows: Row[] = [];
  const lines: number[] = [];
  const texts = text.split(LINE_END);
  const hasBlanks = delimiter === ' ';
  for (let index = Math.max(0, headerLine + 1 - line); index < texts.length; index++) {
    const row = texts[index]!;
    if (row.charCodeAt(0) > 32 || row.trim() !== '') {
      const cells = hasBlanks ? row.trim().split(BLANKS, MAX_COLUMNS + 1) : splitBounded(row, delimiter);
      rows.push(cells as unknown as Row);
      lines.push(line + index);
    }
  }
  return { rows, lines };
}

function splitBounded(row: string, delimiter: string): string[] {
  const cells = row.split(delimiter, MAX_COLUMNS + 1);
  if (cells.length <= MAX_COLUMNS) return cells;
  const rest = cells.slice(0, -1).reduce((length, cell) => length + cell.length + delimiter.length, 0);
  return [...cells.slice(0, -1), row.slice(rest)];
}

/** True when each quote in the text has its partner. */
function isClosed(text: string): boolean {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count % 2 === 0;
}

/** Where the quote stands that has no partner. */
function lastOpened(text: string): number {
  let [opened, isInside] = [0, false];
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    isInside = !isInside;
    if (isInside) opened = at;
  }
  return opened;
}

function linesBefore(text: string, at: number): number {
  return text.slice(0, at).split(LINE_END).length - 1;
}

/** Cells that quotes enclose with blanks around, by the rows that have any. */
const KEPT_BLANKS = new WeakMap<object, Set<number | string>>();

/** Whether the blanks around a cell stand in quotes, so that they belong to it. */
export function keepsBlanks(row: Row, at: number | string): boolean {
  return KEPT_BLANKS.get(row)?.has(at) ?? false;
}

/** Notes such cells of a text while csv-parse reads it. */
class BlanksInQuotes {
  readonly #cells = new Map<number, Set<number | string>>();

  readonly note = (value: string, { quoting, records, index }: InfoField): string => {
    if (quoting && value.trim() !== value)
      this.#cells.set(records, (this.#cells.get(records) ?? new Set()).add(index));
    return value;
  };

  keep(parsed: readonly Parsed[]): void {
    for (const [place, cells] of this.#cells) KEPT_BLANKS.set(parsed[place]!.record, cells);
  }
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** The slow twin of plain splitting, which knows quotes. */
export function parseQuoted(
  { text, line }: TextPiece,
  { name, delimiter, headerLine }: DelimitedOptions,
): RowChunk {
  try {
    const blanks = new BlanksInQuotes();
    const parsed = parse(text, {
      cast: blanks.note,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as unknown as readonly Parsed[];
    blanks.keep(parsed);
    const kept = parsed.filter(
      ({ record, info }) =>
        line + info.lines - 1 > headerLine && (record.length > 1 || record[0]!.trim() !== ''),
    );
    return {
      rows: kept.map(({ record }) => record as unknown as Row),
      lines: kept.map(({ info }) => line + info.lines - 1),
    };
  } catch (error) {
    if (!isCsvError(error)) throw error;
    throw explain(error, { text, line }, name);
  }
}

/** By its members, as each entry of csv-parse has a class of its own. */
function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && 'code' in error && 'lines' in error;
}

function explain(error: CsvError, { text, line }: TextPiece, name: string): Error {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return refusedRow(
      { name, line: line + linesBefore(text, lastOpened(text)) },
      'a quote (") opens a cell here and is never closed; close it, or double each quote that belongs to the text',
      error,
    );
  }
  return refusedRow(
    { name, line: line + Number(error['lines'] ?? 1) - 1 },
    'a quote (") stands where none may; enclose the whole cell in quotes and double each quote within it',
    error,
  );
}
