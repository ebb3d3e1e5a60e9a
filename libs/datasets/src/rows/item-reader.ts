import { hasAtMost, isText, LIMITS, TEXT_RULE, type ImportedItem, type JsonObject } from '#domain';
import type { ItemRole } from '../columns/roles.js';
import type { MappedTable } from '../formats/choose-tables.js';
import { hasGenreColumns, readGenreColumns } from '../formats/movielens.js';
import { cellOf, type Row } from '../formats/table.js';
import { InvalidValue, isAbsent } from '../values/invalid-value.js';
import { toNumber } from '../values/numbers.js';
import { readTags } from '../values/tags.js';
import { fewEnough, readFlag, readMetadata, withinBounds } from './attribute-cells.js';
import { IdCell } from './id-cell.js';
import { checkWidth } from './interaction-reader.js';
import type { ItemRules } from './item-survey.js';
import { trimmedCell } from './trimmed-cell.js';

/** What was cut off an item because an item may not have it. */
export type Cut = 'title' | 'tags' | 'metadata';
const YEAR_OF_TITLE = /\((\d{4})\)\s*$/;

/** Who is told of what is not stored as it is. */
export interface ItemHooks {
  readonly onCut?: (cut: Cut, line: number) => void;
  /** An id had blanks around it. */
  readonly onTrimmed?: () => void;
}

/** Turns rows of one table into items. */
export class ItemReader {
  readonly #table: MappedTable['table'];
  readonly #mapping: MappedTable['mapping'];
  readonly #id: IdCell;

  constructor(
    { table, mapping }: MappedTable,
    private readonly rules: ItemRules,
    private readonly hooks: ItemHooks = {},
  ) {
    this.#table = table;
    this.#mapping = mapping;
    this.#id = new IdCell(table, mapping.columns.item!, hooks.onTrimmed);
  }

  /** @throws InvalidValue when the row cannot be stored */
  read(row: Row, line: number): ImportedItem {
    checkWidth(row, this.#table);
    const title = this.#title(row, line);
    const tags = this.#tags(row, line);
    if (!isText(title ?? '')) throw new InvalidValue(`title ${TEXT_RULE}`, { role: 'title' });
    if (!tags.every(isText)) throw new InvalidValue(`tags ${TEXT_RULE}`, { role: 'tags' });
    return {
      itemId: this.#id.read(row),
      title,
      tags,
      metadata: withinBounds(this.#metadata(row, title), () => this.hooks.onCut?.('metadata', line)),
      available: this.#available(row),
      createdAt: this.#time(row, 'createdAt'),
      deletedAt: this.#time(row, 'deletedAt'),
    };
  }

  #cell(row: Row, role: ItemRole): unknown {
    const column = this.#mapping.columns[role];
    return column && trimmedCell(row, cellOf(this.#table, column.index), this.#table);
  }

  #time(row: Row, role: 'createdAt' | 'deletedAt'): Date | undefined {
    const time = this.rules[role]?.read(this.#cell(row, role), this.#mapping.columns[role]!.label, role);
    return time ?? undefined;
  }

  #title(row: Row, line: number): string | null {
    const value = this.#cell(row, 'title');
    const title = typeof value === 'string' ? value : isAbsent(value) ? '' : JSON.stringify(value);
    if (title === '') return null;
    if (hasAtMost(title, LIMITS.titleLength)) return title;
    this.hooks.onCut?.('title', line);
    return Array.from(title).slice(0, LIMITS.titleLength).join('');
  }

  #tags(row: Row, line: number): readonly string[] {
    const tags = hasGenreColumns(this.#table.known)
      ? readGenreColumns(row)
      : readTags(this.#cell(row, 'tags'), this.rules.separator);
    return fewEnough(tags, () => this.hooks.onCut?.('tags', line));
  }

  #metadata(row: Row, title: string | null): JsonObject {
    const metadata = readMetadata(row, this.#table, this.#mapping.metadata);
    const year = this.#year(row, title);
    return Number.isInteger(year) && year > 0 ? { year, ...metadata } : metadata;
  }

  #year(row: Row, title: string | null): number {
    if (this.#mapping.columns.year) return toNumber(this.#cell(row, 'year'));
    return this.#table.format === 'movielens' ? Number(YEAR_OF_TITLE.exec(title ?? '')?.[1]) : NaN;
  }

  #available(row: Row): boolean {
    return readFlag(this.#cell(row, 'available'), 'available') ?? true;
  }
}
