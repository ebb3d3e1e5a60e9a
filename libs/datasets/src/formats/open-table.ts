import { sourceInvalid } from '../sources/source-invalid.js';
import type { Source } from '../sources/source.js';
import { findEncoding, namedEncoding } from '../text/encoding.js';
import { decodeText, readText } from '../text/read-text.js';
import { inTurns } from './in-turns.js';
import { BrokenRow, JsonArrayReader, readJsonLines } from './json-rows.js';
import { openParquet, readParquet } from './parquet-rows.js';
import { checkColumns, nothingThere, type RowChunk, type Table, type TableOptions } from './table.js';
import { openTextTable } from './text-table.js';

const HEAD_BYTES = 4096;

/**
 * Finds out by its content what a source is. Its rows are read in turns, so that other work of the process
 * goes on meanwhile.
 *
 * @throws DomainError `import-source-invalid`, `import-row-invalid`
 */
export async function openTable(source: Source, options: TableOptions): Promise<Table> {
  const table = await findTable(source, options);
  return { ...table, read: (columns) => inTurns(table.read(columns)) };
}

async function findTable(source: Source, options: TableOptions): Promise<Table> {
  const start = await readStart(source);
  if (start.length === 0) throw sourceInvalid(source.name, nothingThere(options));
  if (start.startsWith('PAR1')) return openParquetTable(source);
  if (options.encoding === undefined) refuseUnmarkedUtf16(source, start);
  const encoding =
    options.encoding === undefined ? await findEncoding(source) : namedEncoding(options.encoding);
  const text = start.replaceAll('\0', '').replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*/, '');
  if (/^\[\s*(\{|\]|$)/.test(text))
    return openObjects(source, options, {
      format: 'json',
      encoding,
      read: () => readArray(source, encoding),
    });
  if (/^\{\s*["}]/.test(text))
    return openObjects(source, options, {
      format: 'jsonl',
      encoding,
      read: () => readJsonLines(readText(source, encoding)),
    });
  if (/^\{\s*u?'/.test(text))
    throw sourceInvalid(
      source.name,
      'it has objects as Python prints them; write them as JSON, by json.dumps',
    );
  return openTextTable(source, encoding, options);
}

const UTF_16 = /^(?:[^\0]\0){4}|^(?:\0[^\0]){4}/;

/** Without a byte order mark it would be text with NULs. */
function refuseUnmarkedUtf16({ name }: Source, start: string): void {
  if (!UTF_16.test(start)) return;
  const encoding = start.startsWith('\0') ? 'utf-16be' : 'utf-16le';
  throw sourceInvalid(name, `every other byte of it is NUL, as in UTF-16; say --encoding ${encoding}`);
}

/** The first bytes, each as one character. */
async function readStart(source: Source): Promise<string> {
  let start = '';
  for await (const chunk of source.open()) {
    start += chunk.toString('latin1', 0, HEAD_BYTES);
    if (start.length >= HEAD_BYTES) break;
  }
  return start;
}

async function* readArray(source: Source, encoding: string): AsyncGenerator<RowChunk> {
  const reader = new JsonArrayReader(source.name);
  for await (const text of decodeText(source, encoding)) yield reader.take(text);
  reader.end();
}

async function openParquetTable(source: Source): Promise<Table> {
  const file = await openParquet(source);
  checkColumns(source, file.names.length);
  const read = (columns: readonly number[] = file.names.map((_, index) => index)) =>
    readParquet(
      source,
      file,
      columns.map((index) => file.names[index]!),
    );
  return {
    ...OBJECTS,
    source,
    format: 'parquet',
    unit: 'row',
    encoding: null,
    names: file.names,
    width: file.names.length,
    read,
  };
}

const OBJECTS = {
  delimiter: null,
  known: new Map(),
  hasObjects: true,
  decimalComma: false,
  head: [],
  notes: [],
} as const;

/**
 * The columns are the members of all objects: one that comes late is not to be missed.
 *
 * @throws DomainError `import-source-invalid` when there are too many
 */
async function openObjects(
  source: Source,
  options: Pick<TableOptions, 'isItems'>,
  { format, encoding, read }: Pick<Table, 'format' | 'encoding' | 'read'>,
): Promise<Table> {
  const known = new Set<string>();
  const unit = format === 'json' ? 'row' : 'line';
  let firstBroken: Error | null = null;
  for await (const { rows, lines } of inTurns(read())) {
    for (const [index, row] of rows.entries())
      if (row instanceof BrokenRow)
        firstBroken ??= sourceInvalid(`${source.name}, ${unit} ${lines[index]}`, row.reason);
      else for (const name in row) known.add(name);
    checkColumns(source, known.size);
  }
  if (known.size === 0) throw firstBroken ?? sourceInvalid(source.name, nothingThere(options));
  const names = [...known];
  return { ...OBJECTS, unit, source, format, encoding, names, width: names.length, read };
}
