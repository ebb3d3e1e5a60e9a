import type { RepeatsRule } from '#domain';
import type { ServingCatalog } from '../catalog.js';
import type { CatalogItems } from '../items/catalog-items.js';
import type { KeyedHistory } from './cached-history.js';

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
  items: readonly { readonly itemId: string; readonly weight: number }[],
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

/** Keys of the ids that the catalog knows. */
export function toKeys(items: CatalogItems, itemIds: readonly string[]): number[] {
  return itemIds.flatMap((itemId) => items.findKey(itemId) ?? []);
}

/** A history as if these items had never been in it. */
export function without(history: KeyedHistory, itemKeys: readonly number[]): KeyedHistory {
  const gone = new Set(itemKeys);
  const places = [...history.itemKeys.keys()].filter((place) => !gone.has(history.itemKeys[place]!));
  return {
    repeatable: history.repeatable,
    alsoSeen: history.alsoSeen?.filter((key) => !gone.has(key)),
    itemKeys: Int32Array.from(places, (place) => history.itemKeys[place]!),
    values: Float32Array.from(places, (place) => history.values[place]!),
  };
}
