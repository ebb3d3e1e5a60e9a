import type { RepeatsRule } from '#domain';
import type { ServingCatalog } from '../../serving/catalogs/serving-catalogs.js';
import type { UserEmbedding } from '../../serving/users/user-side.js';
import type { BasketRequest } from '../http/dto/recommendation.dto.js';

/** What a list is made for: ascending distinct item keys, each with its value. */
export interface KeyedHistory {
  readonly itemKeys: Int32Array;
  readonly values: Float32Array;
  /** Those of `itemKeys` that may be answered all the same; absent: none. */
  readonly repeatable?: Int32Array | undefined;
  /** Ascending keys of other items that must not be answered; absent: none. */
  readonly alsoSeen?: Int32Array | undefined;
  /** What a model made of all of it; absent: nothing yet. */
  readonly embedding?: UserEmbedding | undefined;
}

export const NO_HISTORY: KeyedHistory = { itemKeys: new Int32Array(), values: new Float32Array() };

/** What a weight that comes after others counts together with them. */
const TOGETHER: Readonly<Record<RepeatsRule, (before: number, weight: number) => number>> = {
  max: Math.max,
  sum: (before, weight) => before + weight,
  newest: (_, weight) => weight,
};

/** A basket as a history, its items in the order of time. */
export function toHistory(
  catalog: Pick<ServingCatalog, 'items'>,
  items: BasketRequest['items'],
  repeats: RepeatsRule,
): KeyedHistory {
  const values = new Map<number, number>();
  for (const { itemId, weight } of items) {
    const key = catalog.items.findKey(itemId);
    if (key !== undefined) values.set(key, TOGETHER[repeats](values.get(key) ?? 0, weight));
  }
  const itemKeys = Int32Array.from(values.keys()).sort();
  return { itemKeys, values: Float32Array.from(itemKeys, (key) => values.get(key)!) };
}

/** Keys that must not be answered, ascending. */
export function seenKeys({ itemKeys, repeatable, alsoSeen }: KeyedHistory): Int32Array {
  const seen = repeatable ? withoutKeys(itemKeys, repeatable) : itemKeys;
  return alsoSeen ? merged(seen, alsoSeen) : seen;
}

function withoutKeys(itemKeys: Int32Array, keys: Int32Array): Int32Array {
  const open = new Set(keys);
  return itemKeys.filter((key) => !open.has(key));
}

function merged(some: Int32Array, others: Int32Array): Int32Array {
  const all = new Int32Array(some.length + others.length);
  all.set(some);
  all.set(others, some.length);
  return all.sort();
}

/** A history as if these items had never been in it. */
export function without(history: KeyedHistory, itemKeys: readonly number[]): KeyedHistory {
  const gone = new Set(itemKeys);
  const kept = [...history.itemKeys.keys()].filter((place) => !gone.has(history.itemKeys[place]!));
  return {
    repeatable: history.repeatable,
    alsoSeen: history.alsoSeen?.filter((key) => !gone.has(key)),
    itemKeys: Int32Array.from(kept, (place) => history.itemKeys[place]!),
    values: Float32Array.from(kept, (place) => history.values[place]!),
  };
}
