import type { CountedItems } from '#data';
import type { RankedItems, SparseVector } from '#models';
import type { ActiveModel, BestOfAll, ModelHistory } from '../models/active-model.js';
import type { Candidate } from './list.js';
import type { RankedList } from './ranked-list.js';

export const NOTHING: SparseVector = { indices: new Uint32Array(), values: new Float32Array() };

/**
 * What the model scores above 0 for a history, best first. Past items are in it where the list may have them.
 */
export async function byModel(
  list: RankedList,
  active: ActiveModel,
  past: ModelHistory,
  size: number,
): Promise<Candidate[]> {
  const { calls } = list;
  await past.best(calls);
  const cached = amongCached(list, active, past, size);
  if (cached) return cached;
  const prepared = calls.prepared?.(past.history, size);
  if (prepared) return admitted(list, positive(active, prepared));
  const allowed = list.allowed(active);
  const ranked = await calls.recommend(past.history, size, allowed);
  const repeated = past.history.indices.filter((index) => allowed[index] === 1);
  const all =
    repeated.length > 0 ? withRepeated(await list.scoresOf(past.history), ranked, repeated) : ranked;
  return admitted(list, positive(active, all).slice(0, size));
}

function admitted(list: RankedList, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ score }) => list.admits(score));
}

/** A model leaves the history out of its list; these of it go back in by their score. */
function withRepeated(
  all: Float32Array,
  { indices, scores }: RankedItems,
  repeated: Uint32Array,
): RankedItems {
  const merged = [
    ...Array.from(indices, (index, rank) => ({ index, score: scores[rank]! })),
    ...Array.from(repeated, (index) => ({ index, score: all[index]! })),
  ].sort((a, b) => b.score - a.score || a.index - b.index);
  return {
    indices: Uint32Array.from(merged, ({ index }) => index),
    scores: Float32Array.from(merged, ({ score }) => score),
  };
}

/**
 * The same, out of the best items of all, whoever may be answered now. A list that nothing was added to yet
 * is looked through once.
 *
 * @returns null when there may be others beyond them, or none are cached
 */
export function amongCached(
  list: RankedList,
  active: ActiveModel,
  { cachedBest }: ModelHistory,
  size: number,
): Candidate[] | null {
  if (!cachedBest) return null;
  if (list.cached?.size !== size)
    list.cached = { size, candidates: amongBest(list, active, cachedBest, size) };
  return list.cached.candidates;
}

function amongBest(
  list: RankedList,
  active: ActiveModel,
  { indices, scores, isWhole }: BestOfAll,
  size: number,
): Candidate[] | null {
  const found: Candidate[] = [];
  for (let rank = 0; rank < indices.length; rank++) {
    const score = scores[rank]!;
    if (found.length === size || score <= 0 || !list.admits(score)) return found;
    const itemKey = active.keyOf(indices[rank]!);
    if (list.isOpen(itemKey)) found.push({ itemKey, score, source: 'model' });
  }
  return found.length === size || isWhole ? found : null;
}

/** What the model relates to one item, by a score above 0. */
export async function bySimilarity(
  list: RankedList,
  active: ActiveModel,
  itemIndex: number,
  size: number,
): Promise<Candidate[]> {
  return positive(active, await list.calls.similarItems(itemIndex, size, list.allowed(active)));
}

/** The items of most users. */
export function byPopularity(list: RankedList, active: ActiveModel, size: number): Candidate[] {
  const { indices, scores } = active.served.popularity.recommend(NOTHING, size, {
    allowed: list.allowed(active),
  });
  return Array.from(indices, (index, rank) => ({
    itemKey: active.keyOf(index),
    score: scores[rank]!,
    source: 'popular',
  }));
}

/** Items by what was counted of their interactions. */
export function byInteractions(
  list: RankedList,
  { itemKeys, scores }: CountedItems,
  size: number,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (let rank = 0; rank < itemKeys.length && candidates.length < size; rank++) {
    const itemKey = itemKeys[rank]!;
    if (list.isOpen(itemKey)) candidates.push({ itemKey, score: scores[rank]!, source: 'popular' });
  }
  return candidates;
}

/** Items that no model has seen yet, so that new ones can be found at all. */
export function inCatalogueOrder(list: RankedList, size: number): Candidate[] {
  const candidates: Candidate[] = [];
  for (const itemKey of list.catalog.items.availableKeys()) {
    if (candidates.length === size) break;
    if (list.isOpen(itemKey)) candidates.push({ itemKey, score: 0, source: 'catalogue' });
  }
  return candidates;
}

function positive(active: ActiveModel, { indices, scores }: RankedItems): Candidate[] {
  const candidates: Candidate[] = [];
  for (let rank = 0; rank < indices.length && scores[rank]! > 0; rank++)
    candidates.push({ itemKey: active.keyOf(indices[rank]!), score: scores[rank]!, source: 'model' });
  return candidates;
}
