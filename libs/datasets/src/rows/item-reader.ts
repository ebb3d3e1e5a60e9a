import {
  hasAtMost,
  fitsMetadata,
  hasOnlyText,
  isText,
  LIMITS,
  TEXT_RULE,
  type ImportedItem,
  type JsonObject,
  type JsonValue,
} from '#domain';
import type { Mapping } from '../columns/mapping.js';
import type { ItemRole } from '../columns/roles.js';
import { hasGenreColumns, readGenreColumns } from '../formats/movielens.js';
import { cellOf, type Row, type Table } from '../formats/table.js';
import { readId } from '../values/ids.js';
import { InvalidValue, isAbsent } from '../values/invalid-value.js';
import { parseJson } from '../values/json.js';
import { toNumber } from '../values/numbers.js';
import { readTags } from '../values/tags.js';
import { checkWidth } from './interaction-reader.js';
import type { ItemRules } from './item-survey.js';
import { trimmedCell } from './trimmed-cell.js';

/** What was cut off an item because an item may not have it. */
export type Cut = 'title' | 'tags' | 'metadata';
const YEAR_OF_TITLE = /\((\d{4})\)\s*$/;
/** As texts say it; PostgreSQL writes only the first letter. */
const TRUE: readonly unknown[] = ['true', 't'];
const FALSE: readonly unknown[] = ['false', 'f'];
/** A column with all that has no column of its own, as a JSON object. */
const WHOLE_METADATA = 'metadata';

/** Turns rows of one table into items. */
export class ItemReader {
  constructor(
    private readonly table: Table,
    private readonly mapping: Mapping,
    private readonly rules: ItemRules,
    private readonly onCut: (cut: Cut, line: number) => void = () => {},
  ) {}

  /** @throws InvalidValue when the row cannot be stored */
  read(row: Row, line: number): ImportedItem {
    checkWidth(row, this.table);
    const title = this.#title(row, line);
    const tags = this.#tags(row, line);
    for (const text of [title ?? '', ...tags])
      if (!isText(text)) throw new InvalidValue(`title and tags ${TEXT_RULE}`);
    return {
      itemId: readId(this.#cell(row, 'item'), this.mapping.columns.item!.label),
      title,
      tags,
      metadata: this.#bounded(this.#metadata(row, title), line),
      available: this.#available(row),
      createdAt: this.#time(row, 'createdAt'),
      deletedAt: this.#time(row, 'deletedAt'),
    };
  }

  #cell(row: Row, role: ItemRole): unknown {
    const column = this.mapping.columns[role];
    return column && trimmedCell(row, cellOf(this.table, column.index), this.table);
  }

  #time(row: Row, role: 'createdAt' | 'deletedAt'): Date | undefined {
    return this.rules[role]?.read(this.#cell(row, role), this.mapping.columns[role]!.label) ?? undefined;
  }

  #title(row: Row, line: number): string | null {
    const value = this.#cell(row, 'title');
    const title = typeof value === 'string' ? value : isAbsent(value) ? '' : JSON.stringify(value);
    if (title === '') return null;
    if (hasAtMost(title, LIMITS.titleLength)) return title;
    this.onCut('title', line);
    return Array.from(title).slice(0, LIMITS.titleLength).join('');
  }

  #tags(row: Row, line: number): readonly string[] {
    const tags = hasGenreColumns(this.table.known)
      ? readGenreColumns(row)
      : readTags(this.#cell(row, 'tags'), this.rules.separator);
    const kept = tags.filter((tag) => hasAtMost(tag, LIMITS.tagLength)).slice(0, LIMITS.tagsPerItem);
    if (kept.length < tags.length) this.onCut('tags', line);
    return kept;
  }

  #metadata(row: Row, title: string | null): JsonObject {
    const metadata: Record<string, JsonValue> = {};
    for (const { index, label } of this.mapping.metadata) {
      const value = row[cellOf(this.table, index)];
      const whole = label === WHOLE_METADATA ? toObject(value) : null;
      if (whole) Object.assign(metadata, whole);
      else if (this.#says(value)) metadata[String(label).replace(/^metadata\./, '')] = this.#toJson(value);
    }
    const year = this.#year(row, title);
    return Number.isInteger(year) && year > 0 ? { year, ...metadata } : metadata;
  }

  /** An empty text is something only where it is told from nothing. */
  #says(value: unknown): boolean {
    return !isAbsent(value) || (value === '' && this.table.hasObjects);
  }

  /** Texts are told from numbers only where rows are objects. */
  #toJson(value: unknown): JsonValue {
    return this.table.hasObjects && typeof value === 'string' ? value : toJson(value);
  }

  #bounded(metadata: JsonObject, line: number): JsonObject {
    if (!fitsMetadata(metadata)) {
      this.onCut('metadata', line);
      return {};
    }
    if (!hasOnlyText(metadata)) throw new InvalidValue(`metadata ${TEXT_RULE}`);
    return metadata;
  }

  #year(row: Row, title: string | null): number {
    if (this.mapping.columns.year) return toNumber(this.#cell(row, 'year'));
    return this.table.format === 'movielens' ? Number(YEAR_OF_TITLE.exec(title ?? '')?.[1]) : NaN;
  }

  #available(row: Row): boolean {
    const value = this.#cell(row, 'available');
    if (isAbsent(value) || value === true || TRUE.includes(value)) return true;
    if (value === false || FALSE.includes(value)) return false;
    throw new InvalidValue('available must be true or false');
  }
}

/** An object, or the JSON of one; null for anything else. */
function toObject(value: unknown): JsonObject | null {
  const parsed = typeof value === 'string' && value.startsWith('{') ? parseJson(value) : value;
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  return isObject && !(parsed instanceof Date) ? (toJson(parsed) as JsonObject) : null;
}

/** Numbers and booleans of a text cell as such, so that filters can compare them. */
function toJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return JSON.parse(JSON.stringify(value, toPlain)) as JsonValue;
  if (value === 'true' || value === 'false') return value === 'true';
  const number = toNumber(value);
  return Number.isNaN(number) || String(number) !== value ? value : number;
}

function toPlain(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
