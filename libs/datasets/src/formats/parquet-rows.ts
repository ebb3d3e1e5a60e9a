import {
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type DecodedArray,
  type FileMetaData,
  type RowGroup,
} from 'hyparquet';
import { getTreePath, isFlatColumn } from 'hyparquet/src/schema.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { BytesAnywhere, Source } from '../sources/source.js';
import { ROWS_PER_TURN } from './in-turns.js';
import { brokenRow } from './json-rows.js';
import { checkFooter } from './parquet-footer.js';
import { checkPages, readPages, UnpackedBytes } from './parquet-pages.js';
import { isUndecodable, parquetParsers } from './parquet-parsers.js';
import { compressors } from './parquet-zstd.js';
import type { Row, RowChunk } from './table.js';

export interface ParquetFile {
  readonly bytes: BytesAnywhere;
  readonly metadata: FileMetaData;
  readonly names: readonly string[];
}

export async function openParquet(source: Source): Promise<ParquetFile> {
  const bytes = await source.openAnywhere();
  await checkFooter(source, bytes);
  const metadata = await parquetMetadataAsync(bytes, { parsers: parquetParsers }).catch((error: unknown) => {
    throw explain(source, error);
  });
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  return { bytes, metadata, names };
}

/** Rows as objects, row group by row group. The n-th has the number n, as Parquet has no lines. */
export async function* readParquet(
  source: Source,
  file: ParquetFile,
  columns: readonly string[],
): AsyncGenerator<RowChunk> {
  const unpacked = new UnpackedBytes(source);
  try {
    unpacked.checkValues(Number(file.metadata.num_rows) * columns.length);
    let rowStart = 0;
    for (const group of file.metadata.row_groups) {
      const numRows = Number(group.num_rows);
      const cells = columns.map(
        (column) => new Cells(readColumn({ file, group, unpacked, rowStart }, column)),
      );
      for (let from = 0; from < numRows; from += ROWS_PER_TURN) {
        const count = Math.min(ROWS_PER_TURN, numRows - from);
        const data: unknown[][] = [];
        for (const column of cells) data.push(await column.take(count));
        yield toChunk(columns, data, { first: rowStart + from + 1, count });
      }
      rowStart += numRows;
    }
  } catch (error) {
    throw explain(source, error);
  }
}

interface Group {
  readonly file: ParquetFile;
  readonly group: RowGroup;
  readonly unpacked: UnpackedBytes;
  readonly rowStart: number;
}

/** Values of a column in arrays: page by page, but all at once where a row may reach over several pages. */
async function* readColumn(
  { file, group, unpacked, rowStart }: Group,
  name: string,
): AsyncGenerator<DecodedArray> {
  const { bytes, metadata } = file;
  const tree = parquetSchema(metadata);
  const chunks = group.columns
    .flatMap(({ meta_data: column }) => (column?.path_in_schema[0] === name ? [column] : []))
    .map((column) => ({
      file: bytes,
      column,
      schemaPath: getTreePath(tree, column.path_in_schema),
      unpacked,
    }));
  if (chunks.length === 1 && isFlatColumn(chunks[0]!.schemaPath)) {
    yield* readPages(chunks[0]!);
    return;
  }
  for (const chunk of chunks) await checkPages(chunk);
  const options = { file: bytes, metadata, compressors, columns: [name], parsers: parquetParsers };
  const scan = await parquetScan(options);
  yield await scan.readColumn({ column: name, rowStart, rowEnd: rowStart + Number(group.num_rows) });
}

/** Takes values one after another out of arrays of other lengths. */
class Cells {
  #page: DecodedArray = [];
  #at = 0;

  constructor(private readonly pages: AsyncGenerator<DecodedArray>) {}

  async take(count: number): Promise<unknown[]> {
    const taken: unknown[] = [];
    while (taken.length < count) {
      if (this.#at === this.#page.length) await this.#next();
      else taken.push(this.#page[this.#at++]);
    }
    return taken;
  }

  async #next(): Promise<void> {
    this.#page = [];
    this.#at = 0;
    const next = await this.pages.next();
    if (next.done === true) throw new Error('a column has fewer rows than its row group');
    this.#page = next.value;
  }
}

function toChunk(
  columns: readonly string[],
  data: readonly unknown[][],
  { first, count }: { readonly first: number; readonly count: number },
): RowChunk {
  const rows: Row[] = [];
  const lines: number[] = [];
  for (let index = 0; index < count; index++) {
    rows.push(toRow(columns, data, index));
    lines.push(first + index);
  }
  return { rows, lines };
}

function toRow(columns: readonly string[], data: readonly unknown[][], index: number): Row {
  const cells = columns.map((column, place) => [column, data[place]![index]] as const);
  const unread = cells.find(([, value]) => isUndecodable(value));
  if (unread === undefined) return Object.fromEntries(cells);
  return brokenRow(`${unread[0]} is no text in UTF-8; write it again as UTF-8`);
}

/** A fault of the format in words. Faults of reading are explained where they arise. */
function explain(source: Source, error: unknown): unknown {
  if (!(error instanceof Error) || 'code' in error) return error;
  return sourceInvalid(
    source.name,
    `the Parquet file cannot be read (${error.message}); write it again`,
    error,
  );
}
