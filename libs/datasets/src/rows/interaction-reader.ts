import { DEFAULT_INTERACTION_TYPE, isOtherPersonRow, type Interaction, type PersonRowKind } from '#domain';
import type { Mapping } from '../columns/mapping.js';
import type { InteractionRole } from '../columns/roles.js';
import { requireRow } from '../formats/json-rows.js';
import { cellOf, type Row, type Table } from '../formats/table.js';
import { readId, readRecommendedBy, readType } from '../values/ids.js';
import { InvalidValue } from '../values/invalid-value.js';
import { readWeight } from '../values/numbers.js';
import { LOW_RATING, NOT_RATED, readLabel, readRating, type RatingRule } from '../values/ratings.js';
import type { TimeReader } from '../values/time-rule.js';
import { trimmedCell } from './trimmed-cell.js';

/** Why a good row is not stored. */
export const LABEL_0 = 'label 0, which is no like';

/** Why a good row of a person is not stored. */
const otherKind = (kind: PersonRowKind) => `kind ${kind}, which is no interaction`;

/** How whole columns are read. */
export interface ReadingRules {
  readonly rating: RatingRule | null;
  readonly time: TimeReader | null;
  readonly now: Date;
  /** Whether rows have numbers: not if they come of several files. */
  readonly numbered: boolean;
}

interface Cell {
  readonly at: number | string;
  readonly name: string | number;
}

/** Turns rows of one table into interactions. */
export class InteractionReader {
  /** Ids that had blanks around them, which were cut off. */
  trimmedIds = 0;
  readonly #cells: Readonly<Partial<Record<InteractionRole, Cell>>>;
  readonly #dateParts: readonly (number | string)[];
  readonly #user: Cell;
  /** Whether rows are of the file of a person, which has more than interactions. */
  readonly #hasKinds: boolean;
  readonly #item: Cell;

  constructor(
    private readonly table: Table,
    mapping: Mapping,
    private readonly rules: ReadingRules,
  ) {
    this.#cells = Object.fromEntries(
      Object.entries(mapping.columns).map(([role, { index, label }]) => [
        role,
        { at: cellOf(table, index), name: table.names ? label : `column ${label}` },
      ]),
    );
    this.#dateParts = mapping.dateParts.map(({ index }) => cellOf(table, index));
    this.#user = this.#cells.user!;
    this.#item = this.#cells.item!;
    this.#hasKinds = table.format === 'jsonl' && table.names?.includes('kind') === true;
  }

  /**
   * @returns the interaction, or why a good row is left out
   * @throws InvalidValue when the row cannot be stored
   */
  read(row: Row, line: number): Interaction | string {
    checkWidth(row, this.table);
    if (this.#hasKinds && isOtherPersonRow(row['kind'])) return otherKind(row['kind']);
    const userId = this.#id(row, this.#user);
    const itemId = this.#id(row, this.#item);
    const { label, type, weight, recommendation } = this.#cells;
    if (label && !readLabel(row[label.at], label.name)) return LABEL_0;
    const rated = this.#rating(row);
    if (rated === null) return NOT_RATED;
    // One literal with all members: rows are many, and objects of one shape are the cheapest.
    return {
      userId,
      itemId,
      type: rated.isLow
        ? LOW_RATING
        : type
          ? readType(trimmedCell(row, type.at, this.table))
          : DEFAULT_INTERACTION_TYPE,
      weight: weight ? readWeight(row[weight.at], weight.name, this.table.decimalComma) : rated.weight,
      occurredAt: this.#time(row),
      row: this.rules.numbered ? line : undefined,
      recommendedBy: recommendation && readRecommendedBy(row[recommendation.at], this.rules.now),
    };
  }

  #id(row: Row, { at, name }: Cell): string {
    const trimmed = trimmedCell(row, at, this.table);
    if (trimmed !== row[at]) this.trimmedIds++;
    return readId(trimmed, name);
  }

  #rating(row: Row): { readonly isLow: boolean; readonly weight: number } | null {
    const { rating } = this.#cells;
    const rule = this.rules.rating;
    if (!rating || !rule) return UNRATED;
    const { decimalComma } = this.table;
    const value = readRating(row[rating.at], { rule, name: rating.name, decimalComma });
    if (value === null) return null;
    if (value === Infinity) return UNRATED;
    if (rule.kind === 'weight')
      return { isLow: false, weight: readWeight(value, rating.name, decimalComma, 'rating') };
    return value >= rule.likedFrom ? UNRATED : LOW;
  }

  #time(row: Row): Date | null {
    const { time } = this.rules;
    if (!time) return null;
    if (this.#dateParts.length > 0)
      return time.readParts(
        this.#dateParts.map((at) => row[at]),
        'the date',
      );
    const cell = this.#cells.time;
    return cell ? time.read(trimmedCell(row, cell.at, this.table), cell.name) : null;
  }
}

const UNRATED = { isLow: false, weight: 1 };
const LOW = { isLow: true, weight: 1 };

/** A row of fewer cells than the header, or of more that have something in them, is not what it seems. */
export function checkWidth(row: Row, table: Table): void {
  requireRow(row);
  if (table.hasObjects) return;
  const cells = row as unknown as readonly string[];
  if (cells.length === table.width) return;
  if (cells.length > table.width && cells.slice(table.width).every((cell) => cell.trim() === '')) return;
  const first = table.names ? 'the header' : 'the first row';
  throw new InvalidValue(`it has ${cells.length} cells, and ${first} has ${table.width}`, {
    remedies: ['say --delimiter if something else stands between cells'],
  });
}
