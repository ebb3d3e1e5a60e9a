import { LRUCache } from 'lru-cache';
import { LIMITS, type ItemColumnRow, type JsonValue } from '#domain';
import { Bitmap } from './bitmap.js';

export type Scalar = string | number | boolean;

/** One value, a list of them, or none. */
export type ColumnValue = Scalar | readonly Scalar[] | undefined;

/** Tells of each value of a column whether its item is meant. */
export type Condition = (value: ColumnValue) => boolean;

/** Conditions of one column whose bitmaps are cached. */
const MAX_BITMAPS = 128;
const BITS_PER_BYTE = 8;
/** What a value costs beside its text. */
const VALUE_BYTES = 16;

/**
 * One property of all items of a catalog by item key, with a bitmap for each condition that was asked of it
 * lately. Changes are taken in item by item, in the values and in every bitmap.
 */
export class ItemColumn {
  readonly #values: ColumnValue[] = [];
  readonly #texts = new Map<string, string>();
  readonly #bitmaps = new LRUCache<string, { readonly bits: Bitmap; readonly condition: Condition }>({
    max: MAX_BITMAPS,
  });
  #place = { revision: 0, itemKey: -1 };
  #revision = -1;
  #textBytes = 0;

  /** All changes up to this one are taken in; -1 before any. */
  get revision(): number {
    return this.#revision;
  }

  /** How far in the order of changes it has come. */
  get place(): { readonly revision: number; readonly itemKey: number } {
    return this.#place;
  }

  get sizeBytes(): number {
    const perItem = VALUE_BYTES + MAX_BITMAPS / BITS_PER_BYTE;
    return 1_024 + this.#values.length * perItem + this.#textBytes;
  }

  /** Every key with a value is below this. */
  get numKeys(): number {
    return this.#values.length;
  }

  value(itemKey: number): ColumnValue {
    return this.#values[itemKey];
  }

  /**
   * @param rows in the order of changes
   * @param isLast false when more of the same revision may follow
   */
  apply(rows: readonly ItemColumnRow[], isLast: boolean): void {
    for (const { itemKey, value } of rows) {
      const taken = this.#toValue(value);
      // An array with holes would become a slow one.
      while (this.#values.length < itemKey) this.#values.push(undefined);
      this.#values[itemKey] = taken;
      for (const { bits, condition } of this.#bitmaps.values()) bits.set(itemKey, condition(taken));
    }
    this.#place = rows.at(-1) ?? this.#place;
    if (isLast) this.#revision = this.#place.revision;
  }

  /**
   * Items of a condition, looked up value by value only the first time. It changes with the next `apply`;
   * not to be cached.
   *
   * @param name equal for equal conditions, and for no others
   */
  bitmap(name: string, condition: Condition): Bitmap {
    const cached = this.#bitmaps.get(name);
    if (cached) return cached.bits;
    const bits = this.scan(condition);
    this.#bitmaps.set(name, { bits, condition });
    return bits;
  }

  /** Items of a condition that will not come again. */
  scan(condition: Condition): Bitmap {
    const bits = new Bitmap(this.#values.length);
    this.#values.forEach((value, itemKey) => {
      if (condition(value)) bits.set(itemKey, true);
    });
    return bits;
  }

  #toValue(value: JsonValue): ColumnValue {
    if (!Array.isArray(value)) return this.#toScalar(value);
    const list = (value as readonly JsonValue[]).slice(0, LIMITS.filterValues);
    this.#textBytes += list.length * VALUE_BYTES;
    return list.map((entry) => this.#toScalar(entry)).filter((entry) => entry !== undefined);
  }

  /** Equal texts are kept once. Objects and texts that no filter can name count as absent. */
  #toScalar(value: JsonValue): Scalar | undefined {
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (typeof value !== 'string' || value.length > LIMITS.filterTextLength) return undefined;
    const cached = this.#texts.get(value);
    if (cached !== undefined) return cached;
    this.#texts.set(value, value);
    this.#textBytes += 64 + 2 * value.length;
    return value;
  }
}
