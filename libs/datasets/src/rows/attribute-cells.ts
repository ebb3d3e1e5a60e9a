import {
  fitsMetadata,
  hasAtMost,
  hasOnlyText,
  LIMITS,
  TEXT_RULE,
  type JsonObject,
  type JsonValue,
} from '#domain';
import type { Column } from '../columns/mapping.js';
import { cellOf, type Row, type Table } from '../formats/table.js';
import { InvalidValue, isAbsent } from '../values/invalid-value.js';
import { parseJson } from '../values/json.js';
import { toNumber } from '../values/numbers.js';

/** Tags, metadata and flags of items and of users. */

/** As texts say it; PostgreSQL writes only the first letter. */
const TRUE: readonly unknown[] = [true, 'true', 't'];
const FALSE: readonly unknown[] = [false, 'false', 'f'];
/** A column with all that has no column of its own, as a JSON object. */
const WHOLE_METADATA = 'metadata';

/** What the cells of these columns say. */
export function readMetadata(row: Row, table: Table, columns: readonly Column[]): Record<string, JsonValue> {
  const metadata = new Map<string, JsonValue>();
  for (const { index, label } of columns) {
    const value = row[cellOf(table, index)];
    const whole = label === WHOLE_METADATA ? toObject(value) : null;
    if (whole) for (const [name, member] of Object.entries(whole)) metadata.set(name, member);
    else if (says(value, table))
      metadata.set(String(label).replace(/^metadata\./, ''), readCell(value, table));
  }
  // Which has a member `__proto__` too, where an assignment would lose it.
  return Object.fromEntries(metadata);
}

/** None when it is more than may be. @throws InvalidValue */
export function withinBounds(metadata: JsonObject, onCut: () => void): JsonObject {
  if (!fitsMetadata(metadata)) {
    onCut();
    return {};
  }
  if (!hasOnlyText(metadata)) throw new InvalidValue(`metadata ${TEXT_RULE}`);
  return metadata;
}

/** The first of them, without those that are too long. */
export function fewEnough(tags: readonly string[], onCut: () => void): readonly string[] {
  const kept = tags.filter((tag) => hasAtMost(tag, LIMITS.tagLength)).slice(0, LIMITS.tagsPerItem);
  if (kept.length < tags.length) onCut();
  return kept;
}

/** @returns undefined where nothing is said @throws InvalidValue */
export function readFlag(value: unknown, name: 'available' | 'training' | 'personal'): boolean | undefined {
  if (isAbsent(value)) return undefined;
  if (TRUE.includes(value)) return true;
  if (FALSE.includes(value)) return false;
  throw new InvalidValue(`${name} must be true or false`, { role: name });
}

/** An empty text is something only where it is told from nothing. */
function says(value: unknown, { hasObjects }: Table): boolean {
  return !isAbsent(value) || (value === '' && hasObjects);
}

/** Texts are told from numbers only where rows are objects. */
function readCell(value: unknown, { hasObjects }: Table): JsonValue {
  return hasObjects && typeof value === 'string' ? value : toJson(value);
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
