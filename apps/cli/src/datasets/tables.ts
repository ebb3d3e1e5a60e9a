import { createReadStream } from 'node:fs';
import { DomainError } from '@app/domain';
import { parse } from 'csv-parse';

/** One row of a text table with its line number. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface TableOptions {
  readonly delimiter: string;
  readonly quoted?: boolean;
  readonly encoding?: BufferEncoding;
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
    info: true,
  });
  const source = createReadStream(path, { encoding });
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

export function invalidLine(path: string, line: number, reason: string): DomainError {
  return new DomainError('import-row-invalid', `${path}, line ${line}: ${reason}`, {
    extensions: { row: line, reason },
  });
}

/** @throws DomainError `import-row-invalid` */
export function unixTime(path: string, line: number, seconds: string | undefined): Date {
  const time = new Date(Number(seconds) * 1_000);
  if (seconds === undefined || seconds === '' || Number.isNaN(time.getTime()))
    throw invalidLine(path, line, `"${seconds ?? ''}" is not a Unix time in seconds`);
  return time;
}

/** The cell of a named column. @throws DomainError `import-row-invalid` when it is missing */
export function cell(path: string, row: TableRow, index: number, name: string): string {
  const value = row.cells[index];
  if (value === undefined || value === '') throw invalidLine(path, row.line, `${name} is missing`);
  return value;
}
