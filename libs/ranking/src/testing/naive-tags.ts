import { PRIOR_ITEMS, type SparseVector } from '#models';
import type { ToyCatalog, ToyService } from './toy-catalog.js';

/**
 * The equations of `TagMixtures` for EASE, written out: w_j of each item of the model, null for a new item of
 * which nothing can be told.
 */
export function naiveWeights(
  toy: ToyCatalog,
  { itemKeys, matrix }: ToyService,
  itemKey: number,
): number[] | null {
  const tagsOf = (key: number) => toy.items[key]!.tags;
  const users = [...matrix.columnCounts()];
  const all = users.reduce((sum, count) => sum + count, 0);
  const prior = (PRIOR_ITEMS * all) / users.length;
  const parts = [...new Set(tagsOf(itemKey))].flatMap((tag) => {
    const has = [...itemKeys].map((key) => tagsOf(key).includes(tag));
    const count = has.filter(Boolean).length;
    return count > 0 ? [{ has, idf: Math.log(1 + users.length / count) }] : [];
  });
  if (parts.length === 0 || all === 0) return null;
  const total = parts.reduce((sum, { idf }) => sum + idf, 0);
  return users.map((own, j) =>
    parts.reduce((sum, { has, idf }) => {
      const ofTag = users.reduce((count, other, i) => count + (has[i] ? other : 0), 0);
      return sum + ((idf / total) * ((has[j] ? own : 0) + (prior * own) / all)) / (ofTag + prior);
    }, 0),
  );
}

/**
 * Scores of all items before any boost, by key: the model's, and those of new items by their tags;
 * 0 for all others.
 */
export function naiveScores(toy: ToyCatalog, service: ToyService, history: SparseVector): number[] {
  const { recommender } = toy.catalog.active!.served;
  const own = history.indices.length > 0 ? recommender.scoreUser(history) : null;
  return toy.items.map((_, key) => {
    if (!own) return 0;
    const index = service.itemKeys.indexOf(key);
    if (index >= 0) return own[index]!;
    const weights = naiveWeights(toy, service, key) ?? [];
    return Math.fround(weights.reduce((sum, weight, j) => sum + weight * own[j]!, 0));
  });
}
