import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { checkUtf8 } from '#data';
import {
  aheadOfClock,
  DomainError,
  EARLIEST_OCCURRED_AT,
  EXTERNAL_ID_RULE,
  isExternalId,
  isText,
  LATEST_OCCURRED_AT,
  LIMITS,
  TEXT_RULE,
  type ItemDetails,
} from '#domain';
import { item, type DatasetOptions } from './dataset.js';

const MAX_ROW_BYTES = 64 * 1024;

/** One row of a text table with its line number. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface TableOptions {
  readonly delimiter: string;
  readonly quoted?: boolean;
  readonly encoding?: 'utf8' | 'latin1';
}

/** @throws DomainError `import-row-invalid` with file, line and reason */
export async function* readTable(
  path: string,
  { delimiter, quoted = false, encoding = 'utf8' }: TableOptions,
): AsyncGenerator<TableRow> {
  const parser = parse({
    delimiter,
    quote: quoted ? '"' : null,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
    info: true,
  });
  const source = openText(path, encoding);
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      yield { line: info.lines, cells: record };
    }
  } catch (error) {
    if (!(error instanceof Error) || !('lines' in error)) throw error;
    throw invalidLine(path, Number(error.lines), error.message);
  }
}

function openText(path: string, encoding: 'utf8' | 'latin1'): Readable {
  if (encoding === 'latin1') return createReadStream(path, { encoding });
  return checkUtf8(createReadStream(path), (line, reason) => invalidLine(path, line, reason));
}

export function invalidLine(path: string, line: number, reason: string): DomainError {
  return new DomainError('import-row-invalid', `${path}, line ${line}: ${reason}`, {
    extensions: { row: line, reason },
  });
}

/** The Unix time in a cell. @throws DomainError `import-row-invalid` */
export function unixTime(path: string, row: TableRow, index: number, options: DatasetOptions): Date {
  const seconds = row.cells[index] ?? '';
  const time = new Date(seconds.trim() === '' ? NaN : Number(seconds) * 1_000);
  const named = `"${seconds.slice(0, 40)}"`;
  if (!(time >= EARLIEST_OCCURRED_AT && time <= LATEST_OCCURRED_AT))
    throw invalidLine(
      path,
      row.line,
      `${named} is not a Unix time in seconds between the years 1900 and 2200`,
    );
  const reason = aheadOfClock(time, options.clockToleranceSeconds);
  if (reason !== null) throw invalidLine(path, row.line, `${named} ${reason}`);
  return time;
}

/**
 * The id in a cell. @throws DomainError `import-row-invalid` when there is none, or one that cannot be kept
 */
export function idCell(path: string, row: TableRow, index: number, name: string): string {
  const value = row.cells[index] ?? '';
  if (value === '') throw invalidLine(path, row.line, `${name} is missing`);
  if (isExternalId(value)) return value;
  throw invalidLine(path, row.line, `${name} ${EXTERNAL_ID_RULE}`);
}

/**
 * What a table says of an item. @throws DomainError `import-row-invalid` when it is more than
 * an item may have
 */
export function itemOfRow(
  path: string,
  { line }: TableRow,
  itemId: string,
  { title = '', tags, year }: { title?: string | undefined; tags: readonly string[]; year: number },
): ItemDetails {
  if (title.length > LIMITS.titleLength)
    throw invalidLine(path, line, `the title is longer than ${LIMITS.titleLength} characters`);
  if (tags.length > LIMITS.tagsPerItem || tags.some((tag) => tag.length > LIMITS.tagLength))
    throw invalidLine(
      path,
      line,
      `more than ${LIMITS.tagsPerItem} tags, or one of over ${LIMITS.tagLength} characters`,
    );
  if (![title, ...tags].every(isText)) throw invalidLine(path, line, `title and tags ${TEXT_RULE}`);
  return item(itemId, {
    title: title === '' ? null : title,
    tags,
    ...(Number.isInteger(year) && year > 0 && { metadata: { year } }),
  });
}
