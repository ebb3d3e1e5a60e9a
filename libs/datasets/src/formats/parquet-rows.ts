import {
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type DecodedArray,
  type FileMetaData,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { BytesAnywhere, Source } from '../sources/source.js';
import { ROWS_PER_TURN } from './in-turns.js';
import { brokenRow } from './json-rows.js';
import { isUndecodable, parquetParsers } from './parquet-parsers.js';
import type { Row, RowChunk } from './table.js';

export interface ParquetFile {
  readonly bytes: BytesAnywhere;
  readonly metadata: FileMetaData;
  readonly names: readonly string[];
}

export async function openParquet(source: Source): Promise<ParquetFile> {
  const bytes = await source.openAnywhere();
  const metadata = await parquetMetadataAsync(bytes, { parsers: parquetParsers }).catch((error: unknown) => {
    throw explain(source, error);
  });
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  return { bytes, metadata, names };
}

/** Rows as objects, row group by row group. The n-th has the number n, as Parquet has no lines. */
export async function* readParquet(
  source: Source,
  { bytes: file, metadata }: ParquetFile,
  columns: readonly string[],
): AsyncGenerator<RowChunk> {
  try {
    const scan = await parquetScan({
      ...{ file, metadata, compressors, columns: [...columns] },
      parsers: parquetParsers,
    });
    for (const { rowStart, rowEnd } of scan.ranges) {
      const data: DecodedArray[] = [];
      for (const column of columns) data.push(await scan.readColumn({ column, rowStart, rowEnd }));
      for (let from = 0; from < rowEnd - rowStart; from += ROWS_PER_TURN)
        yield toChunk(columns, data, {
          rowStart,
          from,
          to: Math.min(from + ROWS_PER_TURN, rowEnd - rowStart),
        });
    }
  } catch (error) {
    throw explain(source, error);
  }
}

function toChunk(
  columns: readonly string[],
  data: readonly DecodedArray[],
  { rowStart, from, to }: { readonly rowStart: number; readonly from: number; readonly to: number },
): RowChunk {
  const rows: Row[] = [];
  const lines: number[] = [];
  for (let index = from; index < to; index++) {
    rows.push(toRow(columns, data, index));
    lines.push(rowStart + index + 1);
  }
  return { rows, lines };
}

function toRow(columns: readonly string[], data: readonly DecodedArray[], index: number): Row {
  const cells = columns.map((column, place) => [column, data[place]![index] as unknown] as const);
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
