import type { ServingCatalog } from '../serving/serving-catalogs.js';
import type { BasketRequest } from './dto/recommendation.dto.js';

/** What a list is made for: ascending distinct item keys, each with its value. */
export interface KeyedHistory {
  readonly itemKeys: Int32Array;
  readonly values: Float32Array;
}

export const NO_HISTORY: KeyedHistory = { itemKeys: new Int32Array(), values: new Float32Array() };

/** A basket as a history; of an item that comes twice the larger weight counts. */
export function toHistory(catalog: ServingCatalog, items: BasketRequest['items']): KeyedHistory {
  const values = new Map<number, number>();
  for (const { itemId, weight } of items) {
    const key = catalog.items.findKey(itemId);
    if (key !== undefined) values.set(key, Math.max(weight, values.get(key) ?? 0));
  }
  const itemKeys = Int32Array.from(values.keys()).sort();
  return { itemKeys, values: Float32Array.from(itemKeys, (key) => values.get(key)!) };
}

/** A history as if these items had never been in it. */
export function without(history: KeyedHistory, itemKeys: readonly number[]): KeyedHistory {
  const gone = new Set(itemKeys);
  const kept = [...history.itemKeys.keys()].filter((place) => !gone.has(history.itemKeys[place]!));
  return {
    itemKeys: Int32Array.from(kept, (place) => history.itemKeys[place]!),
    values: Float32Array.from(kept, (place) => history.values[place]!),
  };
}
