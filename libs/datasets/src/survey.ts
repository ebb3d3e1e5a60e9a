import type { DatasetOptions } from './dataset.js';
import type { MappedTable } from './formats/choose-tables.js';
import { BrokenRow } from './formats/json-rows.js';
import { cellOf, type Row, type RowChunk, type Table } from './formats/table.js';
import { refusedRow, type RowPlace } from './refused-row.js';
import type { ReadingRules } from './rows/interaction-reader.js';
import { RatingSurvey } from './values/ratings.js';
import {
  DATE_PARTS_FORMAT,
  parseTimeFormat,
  TimeReader,
  type ClockRule,
  type TimeFormat,
} from './values/time-rule.js';
import { TimeSurvey, type TimeProblem } from './values/time-survey.js';

/** What whole columns say, before any row is read for good. */
export interface Survey {
  readonly rules: ReadingRules;
  readonly warnings: readonly string[];
}

type Rating = Pick<ReadingRules, 'rating'> & { readonly warnings: readonly string[] };

/** Looks at the columns whose meaning depends on all their values: times and ratings. */
export class ColumnSurvey {
  readonly #rating: RatingSurvey;
  readonly #time: TimeSurvey;
  readonly #first: MappedTable;
  readonly #clock: ClockRule;
  readonly #seesTimes: boolean;
  #part: MappedTable;

  constructor(
    private readonly parts: readonly MappedTable[],
    private readonly options: DatasetOptions,
  ) {
    this.#first = parts[0]!;
    this.#part = this.#first;
    this.#clock = { clockToleranceSeconds: options.clockToleranceSeconds, now: options.now ?? new Date() };
    this.#rating = new RatingSurvey(this.#first.table.decimalComma);
    this.#time = new TimeSurvey(this.#clock);
    this.#seesTimes = options.timeFormat === undefined;
  }

  see(part: MappedTable, { rows, lines }: RowChunk): void {
    this.#part = part;
    const { rating, time } = part.mapping.columns;
    const seenTime = this.#seesTimes ? time : undefined;
    if (!rating && !seenTime) return;
    const [ratingAt, timeAt] = [rating, seenTime].map((column) => column && cellOf(part.table, column.index));
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]!;
      if (row instanceof BrokenRow) continue;
      if (ratingAt !== undefined) this.#rating.see(row[ratingAt], lines[index]!);
      if (timeAt !== undefined) this.#time.see(blankless(row, timeAt), lines[index]!);
    }
  }

  /**
   * What has been seen says.
   *
   * @throws DomainError `import-row-invalid` when a column is not understood
   */
  decide(): Survey {
    const { rating, warnings } = this.#decideRating();
    const time = this.#decideTime();
    const numbered = this.parts.length === 1;
    return {
      rules: { rating, time, now: this.#clock.now, numbered },
      warnings: [...warnings, ...(time?.notes ?? [])],
    };
  }

  #decideRating(): Rating {
    const column = this.#first.mapping.columns.rating;
    if (!column) return { rating: null, warnings: [] };
    const rating = this.#rating.decide(this.options);
    if (rating === null) throw this.#tooLarge(column.label);
    const warns = this.#rating.allEqual && rating.kind === 'scale';
    return {
      rating,
      warnings: warns
        ? [
            `all ratings are equal, so the scale of ${rating.scale} that they are read by is a guess; --scale says another`,
          ]
        : [],
    };
  }

  #tooLarge(label: string | number): Error {
    const reason = `${label} is above 100, which no scale of ratings holds; say --scale with the largest rating there can be, --rating-as-weight if it counts something, or leave it out by --ignore-columns ${label}`;
    return refusedRow(placeIn(this.#part.table, this.#rating.tooLargeLine), reason);
  }

  #decideTime(): TimeReader | null {
    const { columns, dateParts } = this.#first.mapping;
    if (dateParts.length > 0) return new TimeReader(DATE_PARTS_FORMAT, this.#clock);
    if (!columns.time) return null;
    if (this.options.timeFormat !== undefined)
      return new TimeReader(parseTimeFormat(this.options.timeFormat), this.#clock);
    return timeReaderOf(this.#time.decide(columns.time.label), this.#clock, this.#part.table);
  }
}

/**
 * @returns null when no row has a time
 * @throws DomainError `import-row-invalid` when the column is not understood
 */
export function timeReaderOf(
  decided: TimeFormat | TimeProblem | null,
  clock: ClockRule,
  table: Table,
): TimeReader | null {
  if (decided === null) return null;
  if (typeof decided === 'string') return new TimeReader(decided, clock);
  throw refusedRow(placeIn(table, decided.line), decided.reason);
}

function placeIn({ source, unit }: Table, line: number): RowPlace {
  return { name: source.name, line, unit };
}

function blankless(row: Row, at: number | string): unknown {
  const value = row[at];
  return typeof value === 'string' ? value.trim() : value;
}
