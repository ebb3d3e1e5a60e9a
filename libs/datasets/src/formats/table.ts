import type { GivenColumns } from '../columns/columns-option.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { Source } from '../sources/source.js';
import type { LeftOutRow } from '../summary/left-out.js';

export const FORMATS = [
  'csv',
  'tsv',
  'jsonl',
  'json',
  'parquet',
  'recbole',
  'movielens',
  'train.txt',
] as const;
export type Format = (typeof FORMATS)[number];

export const MAX_COLUMNS = 10_000;

/** Why an empty source is refused. */
export function nothingThere({ isItems }: Pick<TableOptions, 'isItems'>): string {
  return isItems ? 'there is nothing in it' : 'there is nothing in it, so there is nothing to learn from';
}

/** The cells of a line by their place, or the members of an object by their name. */
export type Row = Readonly<Record<number | string, unknown>>;

/** Rows with the numbers of their lines, counted from 1 with the header. */
export interface RowChunk {
  readonly rows: readonly Row[];
  readonly lines: readonly number[];
}

/** A table of orders that is read before what was ordered. */
export interface Orders {
  /** Its rows that cannot be read, once it has been. */
  readonly leftOut: readonly LeftOutRow[];
}

/** A source whose format is known, so that its rows can be read. */
export interface Table {
  readonly source: Source;
  readonly format: Format;
  /** What stands between two cells; null where rows are objects. */
  readonly delimiter: string | null;
  /** Null for bytes that are no text. */
  readonly encoding: string | null;
  /** Names of the columns; null without a header. */
  readonly names: readonly string[] | null;
  readonly width: number;
  /** Columns that are known by the format, where it has no header. */
  readonly known: GivenColumns;
  /** True where rows are objects, which have their members by name. */
  readonly hasObjects: boolean;
  readonly decimalComma: boolean;
  /** The first rows. */
  readonly head: readonly Row[];
  /** What a row's number counts. */
  readonly unit: 'line' | 'row';
  /** Where the user of each order is read from, whose column is the last one here. */
  readonly orders?: Orders;
  /** How the first row was understood, if that was not sure, and what comes from elsewhere. */
  readonly notes: readonly string[];
  /** @param columns places of those that are needed; all when absent */
  read(columns?: readonly number[]): AsyncIterable<RowChunk>;
}

export interface TableOptions {
  readonly format?: Format | undefined;
  /** See `DatasetOptions`. */
  readonly isPart?: boolean | undefined;
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  /** Whether the first row has the names of the columns; absent: by its content. */
  readonly header?: boolean | undefined;
  readonly columns: GivenColumns;
  /** Whether it is said to be items, or users, whose ids may be called `id`. */
  readonly isItems?: boolean;
  /** Whether `--header` and `--no-header` are told of another table. */
  readonly isBeside?: boolean | undefined;
}

/** Whether a table says only which pairs there are. */
export function isSet({ format }: Pick<Table, 'format'>): boolean {
  return format === 'train.txt';
}

/** Whether the first row has the names of the columns. */
export function hasHeader({ names, hasObjects }: Pick<Table, 'names' | 'hasObjects'>): boolean {
  return names !== null && !hasObjects;
}

/** Where the cell of a column is in a row. */
export function cellOf(table: Pick<Table, 'hasObjects' | 'names'>, index: number): number | string {
  return table.hasObjects ? table.names![index]! : index;
}

/** @throws DomainError `import-source-invalid` when there are more columns than any such table needs */
export function checkColumns({ name }: Source, count: number): void {
  if (count <= MAX_COLUMNS) return;
  throw sourceInvalid(
    name,
    `it has ${count} columns, and ${MAX_COLUMNS} are the most; write only those that are needed`,
  );
}
