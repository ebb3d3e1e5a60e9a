import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '#domain';
import type { DatasetOptions } from '../dataset.js';
import type { MappedTable } from '../formats/choose-tables.js';
import type { RowChunk } from '../formats/table.js';
import type { ReadingRules } from '../rows/interaction-reader.js';
import { neededColumns, PartReader, readInteractions } from '../rows/read-interactions.js';
import { ColumnSurvey, type Survey } from '../survey.js';
import { RowCounts } from './row-counts.js';

export interface CountedRows {
  readonly survey: Survey;
  readonly counts: RowCounts;
}

/**
 * Finds out what whole columns say, and counts the rows as they are read by that. Both is one pass as a rule:
 * rows are counted as if the first ones had said it already. Where later ones say something else, or a row
 * cannot be read so, the rows are counted in a second pass.
 *
 * @throws DomainError `import-row-invalid` when a column is not understood, or a row cannot be stored
 */
export async function surveyAndCount(
  parts: readonly MappedTable[],
  options: DatasetOptions,
): Promise<CountedRows> {
  const columns = new ColumnSurvey(parts, options);
  const early = new EarlyCount(parts, columns, options);
  for (const part of parts) {
    for await (const chunk of part.table.read(neededColumns(part))) {
      columns.see(part, chunk);
      early.add(part, chunk);
    }
  }
  const survey = columns.decide();
  const counts = early.countedBy(survey.rules) ?? (await countRows(parts, survey.rules, options));
  for (const orders of new Set(parts.flatMap(({ table }) => table.orders ?? [])))
    counts.add({ interactions: [], leftOut: orders.leftOut, trimmedIds: 0 });
  return { survey, counts };
}

/** The slow twin: counts rows by rules that are known. */
export async function countRows(
  parts: readonly MappedTable[],
  rules: ReadingRules,
  options: DatasetOptions,
): Promise<RowCounts> {
  const counts = new RowCounts(parts, rules);
  for await (const chunk of readInteractions(parts, rules, options)) counts.add(chunk);
  return counts;
}

/** Counts rows by what the first chunk says, until that does not do. */
class EarlyCount {
  #rules: ReadingRules | null = null;
  #counts: RowCounts | null = null;
  #reader: { readonly part: MappedTable; readonly reader: PartReader } | null = null;
  #hasFailed = false;

  constructor(
    private readonly parts: readonly MappedTable[],
    private readonly columns: ColumnSurvey,
    private readonly options: DatasetOptions,
  ) {}

  /** To be called when the columns have been seen. */
  add(part: MappedTable, chunk: RowChunk): void {
    if (this.#hasFailed || chunk.rows.length === 0) return;
    try {
      this.#rules ??= this.columns.decide().rules;
      this.#counts ??= new RowCounts(this.parts, this.#rules);
      this.#counts.add(this.#readerOf(part, this.#rules).read(chunk));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.#hasFailed = true;
      this.#counts = null;
    }
  }

  /** @returns null when the rows were not counted by these rules */
  countedBy({ rating, time }: ReadingRules): RowCounts | null {
    const isSame =
      isDeepStrictEqual(this.#rules?.rating, rating) && this.#rules?.time?.format === time?.format;
    return isSame ? this.#counts : null;
  }

  #readerOf(part: MappedTable, rules: ReadingRules): PartReader {
    if (this.#reader?.part !== part)
      this.#reader = { part, reader: new PartReader(part, rules, this.options) };
    return this.#reader.reader;
  }
}
