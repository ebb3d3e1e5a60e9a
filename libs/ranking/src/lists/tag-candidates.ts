import { rankScores } from '#models';
import type { ActiveModel, ModelHistory } from '../models/active-model.js';
import type { NewItems, TagGroup } from '../new-items/new-items.js';
import { TagScores } from '../new-items/tag-scores.js';
import { BestItems } from './best-items.js';
import { byModel } from './candidates.js';
import type { Candidate } from './list.js';
import type { RankedList } from './ranked-list.js';

/** How many of the best groups of new items are looked at first, and cached of a history. */
const RANKED_GROUPS = 256;

interface ScoredGroup {
  readonly group: TagGroup;
  readonly score: number;
}

interface RankedGroups {
  /** Of scores above 0, best first. */
  readonly best: readonly ScoredGroup[];
  /** There are no others. */
  readonly isWhole: boolean;
}

/** What is cached of a history from its second call on, for as long as nothing of the new items changes. */
interface CachedGroups {
  readonly newItems: NewItems;
  readonly version: number;
  readonly groups: RankedGroups | null;
}

const cache = new WeakMap<ModelHistory, CachedGroups>();

/**
 * What the model scores above 0, its own items and those that it has never seen by their
 * tags, in one ranking.
 */
export async function byModelAndTags(
  list: RankedList,
  active: ActiveModel,
  past: ModelHistory,
  size: number,
): Promise<Candidate[]> {
  const own = await byModel(list, active, past, size);
  const { newItems } = list.catalog;
  if (!newItems || newItems.numGroups === 0) return own;
  const byTags = amongGroups(list, await bestGroups(list, newItems, past), size);
  const all = byTags ?? amongGroups(list, await rank(list, newItems, past, Infinity), size) ?? [];
  return [...own, ...all]
    .sort((a, b) => b.score - a.score || active.placeOf(a.itemKey) - active.placeOf(b.itemKey))
    .slice(0, size);
}

/** The mixture of the model's items that the tags of a new item are; null where it knows none of them. */
export function tagWeightsOf(list: RankedList, itemKey: number): Float64Array | null {
  const { newItems } = list.catalog;
  const group = newItems?.groupOf(itemKey);
  return (group && newItems?.mixtures.weights(group.tags)) ?? null;
}

/** Items that the model relates to a mixture of items, by a score above 0. */
export async function similarByTags(
  list: RankedList,
  active: ActiveModel,
  weights: Float64Array,
  size: number,
): Promise<Candidate[]> {
  const related = await list.calls.relateMixture(weights);
  const { indices, scores } = rankScores(related, size, new Uint32Array(), list.allowed(active));
  return Array.from(indices, (index, rank) => ({
    itemKey: active.keyOf(index),
    score: scores[rank]!,
    source: 'tags' as const,
  })).filter(({ score }) => score > 0);
}

async function bestGroups(list: RankedList, newItems: NewItems, past: ModelHistory): Promise<RankedGroups> {
  const { version } = newItems;
  const cached = cache.get(past);
  const isNow = cached?.newItems === newItems && cached.version === version;
  if (isNow && cached.groups) return cached.groups;
  const groups = await rank(list, newItems, past, RANKED_GROUPS);
  cache.set(past, { newItems, version, groups: cached ? groups : null });
  return groups;
}

async function rank(
  list: RankedList,
  newItems: NewItems,
  past: ModelHistory,
  size: number,
): Promise<RankedGroups> {
  const scores = new TagScores(newItems, await list.scoresOf(past.history));
  const best = new BestItems<ScoredGroup>(size, (a, b) => isBefore(toFirst(a), toFirst(b)));
  let numPositive = 0;
  for (const group of newItems.groups) {
    const score = scores.ofGroup(group);
    if (score <= 0) continue;
    numPositive++;
    best.offer({ group, score });
  }
  return { best: best.toSorted(), isWhole: numPositive <= size };
}

/** @returns null when there may be others, beyond the cached groups */
function amongGroups(list: RankedList, { best, isWhole }: RankedGroups, size: number): Candidate[] | null {
  const found: Candidate[] = [];
  for (const { group, score } of best) {
    const worst = found.length < size ? -Infinity : (found.at(-1)?.score ?? -Infinity);
    if (size === 0 || score < worst || !list.admits(score)) return sorted(found).slice(0, size);
    addOpen(found, list, { group, score }, size);
  }
  // Groups beyond may have the score of the last one.
  const isSure = found.length >= size && found[size - 1]!.score > (best.at(-1)?.score ?? 0);
  return isWhole || isSure ? sorted(found).slice(0, size) : null;
}

/** The first of a group that may be answered. */
function addOpen(found: Candidate[], list: RankedList, { group, score }: ScoredGroup, size: number): void {
  let missing = size;
  for (const itemKey of group.itemKeys) {
    if (missing === 0) return;
    if (!list.isOpen(itemKey)) continue;
    found.push({ itemKey, score, source: 'tags' });
    missing--;
  }
}

function toFirst({ group, score }: ScoredGroup): { readonly score: number; readonly itemKey: number } {
  return { score, itemKey: group.itemKeys[0]! };
}

type Place = Pick<Candidate, 'score' | 'itemKey'>;

/** Of new items: ties in the order in which they came. */
function isBefore(a: Place, b: Place): boolean {
  return a.score !== b.score ? a.score > b.score : a.itemKey < b.itemKey;
}

function sorted(candidates: Candidate[]): Candidate[] {
  return candidates.sort((a, b) => (isBefore(a, b) ? -1 : 1));
}
