import { areNumbers } from '../columns/columns-option.js';
import { findColumn, isHeader, repeatedName } from '../columns/mapping.js';
import { hasKind, normalName } from '../columns/roles.js';
import { refusedRow } from '../refused-row.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { Source } from '../sources/source.js';
import { readText, type TextPiece } from '../text/read-text.js';
import { readDelimited } from './delimited-rows.js';
import { findDelimiter, isQuoted, splitLine } from './delimiters.js';
import { isFilmHeader } from './films.js';
import { isMovieLensHeader, knownColumns } from './movielens.js';
import { checkColumns, nothingThere, type Format, type Row, type Table, type TableOptions } from './table.js';
import { isNamedTrain, isRatingLine, readTrainLines, splitTrainLine } from './train-rows.js';

interface Line {
  readonly text: string;
  readonly line: number;
}

interface Head {
  /** Lines with something in them, behind `sep=` and comments. */
  readonly lines: readonly Line[];
  /** As Excel says it in the first line. */
  readonly separator: string | null;
}

/** Finds out what a text is that is no JSON: a table, or one user a line. */
export async function openTextTable(source: Source, encoding: string, options: TableOptions): Promise<Table> {
  const { lines, separator } = readHead(await firstPiece(source, encoding));
  if (lines.length === 0) throw sourceInvalid(source.name, nothingThere(options));
  const texts = lines.map(({ text }) => text);
  const delimiter = options.delimiter ?? separator ?? findDelimiter(texts);
  const first = splitLine(texts[0]!, delimiter ?? ',');
  if (isTrain(source, texts, { delimiter, first, options })) return trainTable(source, encoding, texts);
  if (delimiter === null)
    throw sourceInvalid(
      source.name,
      'its first line has one cell only, so nothing says where cells end; say --delimiter if there are more',
    );
  checkColumns(source, first.length);
  const header = hasHeader(source, first, { lines, delimiter, options });
  return delimitedTable({ source, encoding, delimiter, lines, header });
}

async function firstPiece(source: Source, encoding: string): Promise<TextPiece> {
  for await (const piece of readText(source, encoding)) if (piece.text.trim() !== '') return piece;
  return { text: '', line: 1 };
}

const EXCEL_SEPARATOR = /^"?sep=(.)"?$/i;

function readHead({ text, line }: TextPiece): Head {
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((row, index) => ({ text: row, line: line + index }))
    .filter((row) => row.text.trim() !== '');
  const separator = EXCEL_SEPARATOR.exec(lines[0]?.text ?? '')?.[1] ?? null;
  const rows = separator === null ? lines : lines.slice(1);
  const start = rows.findIndex((row) => !row.text.startsWith('#'));
  return { lines: start < 0 ? [] : rows.slice(start), separator };
}

interface Sniffed {
  readonly delimiter: string | null;
  readonly first: readonly string[];
  readonly options: TableOptions;
}

/**
 * True of one user a line. A file of that name is, and one that is said to be; of others those without a line
 * that could be `user item rating [time]`.
 *
 * @throws DomainError `import-source-invalid` when it could be either
 */
function isTrain(source: Source, texts: readonly string[], { delimiter, first, options }: Sniffed): boolean {
  if (options.format !== undefined) return options.format === 'train.txt';
  if (isHeader(first) || options.columns.size > 0 || options.header === true) return false;
  const rows = texts.map(splitTrainLine);
  if (isNamedTrain(source.fileName)) return true;
  if (options.isPart && delimiter !== '\t') return true;
  if (delimiter !== null && delimiter !== ' ') return false;
  if (first.length < 2) return false;
  if (!rows.some(isRatingLine)) return rows.every((words) => words.every((word) => /^\d+$/.test(word)));
  if (options.header === false) return false;
  throw sourceInvalid(
    source.name,
    `its lines can be "user item rating [time]" or one user with items; say ${asRatings(rows)} or --format train.txt`,
  );
}

function asRatings(rows: readonly (readonly string[])[]): string {
  const looksLikeTime = rows.every((words) => Number(words[3]) > 6e8);
  return `--columns user=1,item=2,rating=3${looksLikeTime ? ',time=4' : ''}`;
}

function trainTable(source: Source, encoding: string, texts: readonly string[]): Table {
  return {
    source,
    format: 'train.txt',
    delimiter: texts.some((text) => text.includes(',')) ? ',' : ' ',
    encoding,
    names: null,
    width: 2,
    known: new Map([
      ['user', '1'],
      ['item', '2'],
    ]),
    hasObjects: false,
    decimalComma: false,
    unit: 'line',
    head: texts.map(splitTrainLine) as unknown as readonly Row[],
    notes: [],
    read: () => readTrainLines(readText(source, encoding)),
  };
}

interface Found {
  readonly lines: readonly Line[];
  readonly delimiter: string;
  readonly options: TableOptions;
}

/** Whether the first row is a header: never taken for one because nothing else fits. */
function hasHeader(source: Source, first: readonly string[], { lines, delimiter, options }: Found): boolean {
  const repeated = repeatedName(first);
  const decided = options.header ?? decideHeader(first, options);
  if (decided === true && repeated !== null)
    throw refusedRow(
      { name: source.name, line: lines[0]!.line },
      `the column ${repeated} stands twice in the header; rename one of them`,
    );
  if (decided !== null) return decided;
  if (!areNumbers(options.columns)) return false;
  const rows = lines.slice(1, 50).map(({ text }) => splitLine(text, delimiter));
  if (first.some(hasDigit) || !rows.some((cells) => cells.some((cell) => /^-?[\d.]+$/.test(cell))))
    return false;
  const remedy = options.isBeside ? 'import it alone, with' : 'say';
  throw sourceInvalid(
    source.name,
    `nothing says whether the first row, ${first.join(delimiter).slice(0, 80)}, is a header; ${remedy} --header or --no-header`,
  );
}

/** @returns null when nothing says so */
function decideHeader(first: readonly string[], { columns, isItems }: TableOptions): boolean | null {
  if (isHeader(first) || isFilmHeader(first) || (first.length > 1 && first.every(hasKind))) return true;
  if (isItems && first.some((cell) => normalName(cell) === 'id')) return true;
  if (columns.size === 0 || areNumbers(columns)) return null;
  const input = { names: first, width: first.length };
  return [...columns.values()].every((name) => findColumn(input, name) !== null);
}

function hasDigit(cell: string): boolean {
  return /\d/.test(cell);
}

interface Delimited {
  readonly source: Source;
  readonly encoding: string;
  readonly delimiter: string;
  readonly lines: readonly Line[];
  readonly header: boolean;
}

function delimitedTable({ source, encoding, delimiter, lines, header }: Delimited): Table {
  const rows = lines.map(({ text }) => splitLine(text, delimiter));
  const names = header ? rows[0]!.map((name) => name.trim()) : null;
  const head = header ? rows.slice(1) : rows;
  const known = header ? null : knownColumns(source.fileName, delimiter, head.slice(0, 100));
  const options = {
    name: source.name,
    delimiter,
    quoted: isQuoted(delimiter),
    headerLine: header ? lines[0]!.line : lines[0]!.line - 1,
  };
  return {
    source,
    format: formatOf(delimiter, names, known !== null),
    delimiter,
    encoding,
    names,
    width: rows[0]!.length,
    known: known ?? new Map(),
    hasObjects: false,
    decimalComma: delimiter === ';',
    unit: 'line',
    head: head as unknown as readonly Row[],
    notes: header || known ? [] : ['there is no header, so the first row is data'],
    read: () => readDelimited(readText(source, encoding), options),
  };
}

function formatOf(delimiter: string, names: readonly string[] | null, isKnown: boolean): Format {
  if (isKnown || (names && isMovieLensHeader(names))) return 'movielens';
  if (names?.some(hasKind)) return 'recbole';
  return delimiter === '\t' ? 'tsv' : 'csv';
}
