import type { KeyedHistory } from '../histories/cached-history.js';
import type { CatalogItems } from '../items/catalog-items.js';
import type { RankedItem } from './list.js';
import { seenKeys } from './ranked-list.js';

/**
 * Why a candidate is in no list: the catalog does not have it, it is not available, it is in the history or
 * basket, or its score is below `minScore` or no number.
 */
export const LEFT_OUT = ['unknown', 'unavailable', 'seen', 'score'] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

/** The candidates that are not in a list that was made of them, once each. */
export function leftOut(
  catalogItems: CatalogItems,
  candidates: readonly string[],
  { history, ranked }: { readonly history: KeyedHistory; readonly ranked: readonly RankedItem[] },
): { readonly itemId: string; readonly reason: LeftOut }[] {
  const answered = new Set(ranked.map(({ item }) => item.itemId));
  const seen = new Set(seenKeys(history));
  const reasonOf = (itemId: string): LeftOut => {
    const itemKey = catalogItems.findKey(itemId);
    if (itemKey === undefined) return 'unknown';
    if (!catalogItems.isAvailable(itemKey)) return 'unavailable';
    return seen.has(itemKey) ? 'seen' : 'score';
  };
  return [...new Set(candidates)]
    .filter((itemId) => !answered.has(itemId))
    .map((itemId) => ({ itemId, reason: reasonOf(itemId) }));
}
