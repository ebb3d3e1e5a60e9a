import type { Column } from '../columns/mapping.js';
import type { DatasetOptions } from '../dataset.js';
import type { MappedTable } from '../formats/choose-tables.js';
import { cellOf, type Row, type Table } from '../formats/table.js';
import { timeReaderOf } from '../survey.js';
import { TagSurvey, type TagSeparator } from '../values/tags.js';
import { ISO_8601, parseTimeFormat, type ClockRule, type TimeReader } from '../values/time-rule.js';
import { TimeSurvey } from '../values/time-survey.js';
import type { OtherIds } from './read-links.js';
import { trimmedCell } from './trimmed-cell.js';

/** How whole columns of items are read. */
export interface ItemRules {
  readonly separator: TagSeparator;
  /** Null where no row has a time. */
  readonly createdAt: TimeReader | null;
  readonly deletedAt: TimeReader | null;
}

export interface ItemReadingOptions extends Pick<
  DatasetOptions,
  'skipInvalid' | 'timeFormat' | 'clockToleranceSeconds' | 'now'
> {
  /** Whether `timeFormat` is that of interactions first. */
  readonly besideInteractions?: boolean;
  /** What interactions call the items, where that is not what their table calls them. */
  readonly otherIds?: OtherIds | null;
}

/**
 * Looks at the columns whose meaning depends on all their values: tags and times.
 *
 * @throws DomainError `import-row-invalid` when a column is not understood
 */
export async function surveyItems(
  { table, mapping }: MappedTable,
  options: ItemReadingOptions,
): Promise<ItemRules> {
  const { tags, createdAt, deletedAt } = mapping.columns;
  const clock = { clockToleranceSeconds: options.clockToleranceSeconds, now: options.now ?? new Date() };
  const tagSurvey = new TagSurvey();
  const times = [createdAt, deletedAt].map((column) => new TimeColumn(table, column, clock));
  const needed = [tags, createdAt, deletedAt].flatMap((column) => (column ? [column.index] : []));
  if (needed.length > 0)
    for await (const { rows, lines } of table.read(needed))
      for (const [index, row] of rows.entries()) {
        if (tags) tagSurvey.see(row[cellOf(table, tags.index)]);
        for (const time of times) time.see(row, lines[index]!);
      }
  const [created, deleted] = times.map((time) => time.decide(options));
  const separator = tags ? tagSurvey.decide(table.format === 'recbole') : null;
  return { separator, createdAt: created ?? null, deletedAt: deleted ?? null };
}

class TimeColumn {
  readonly #survey: TimeSurvey;

  constructor(
    private readonly table: Table,
    private readonly column: Column | undefined,
    private readonly clock: ClockRule,
  ) {
    this.#survey = new TimeSurvey(clock);
  }

  see(row: Row, line: number): void {
    if (this.column)
      this.#survey.see(trimmedCell(row, cellOf(this.table, this.column.index), this.table), line);
  }

  /**
   * ISO 8601 is read as such, whatever `timeFormat` says. Where that is of interactions first, so is all that
   * says its format by itself.
   */
  decide({ timeFormat, besideInteractions }: ItemReadingOptions): TimeReader | null {
    if (!this.column) return null;
    const decided = this.#survey.decide(this.column.label);
    const isSure = besideInteractions ? typeof decided === 'string' : decided === ISO_8601;
    const isGiven = timeFormat !== undefined && decided !== null && !isSure;
    return timeReaderOf(isGiven ? parseTimeFormat(timeFormat) : decided, this.clock, this.table);
  }
}
