import { toRelevance, toTagVector, type DiverseChoice } from '#models';
import type { ActiveModel } from '../models/active-model.js';
import type { ModelCalls } from '../models/model-calls.js';
import type { NewItems } from '../new-items/new-items.js';
import type { Candidate } from './list.js';

/** Candidates from which a diverse list of k items is chosen. */
export function numCandidates(k: number): number {
  return Math.max(5 * k, 200);
}

/**
 * Maximal marginal relevance (see `chooseDiverse`), with a relevance from 0 for the last candidate to
 * 1 for the first.
 *
 * @param candidates best first
 * @param before keys of items that the list has already
 * @returns `size` of them, or all if there are fewer
 */
export async function diversify(
  candidates: readonly Candidate[],
  options: {
    readonly active: ActiveModel;
    readonly calls: ModelCalls;
    readonly newItems?: NewItems | null | undefined;
    readonly diversity: number;
    readonly size: number;
    readonly before: readonly number[];
  },
): Promise<Candidate[]> {
  const { active, calls, newItems, diversity, size, before } = options;
  const keys = candidates.map(({ itemKey }) => itemKey);
  const places = await calls.chooseDiverse({
    indices: Int32Array.from(keys, (itemKey) => active.indexOf(itemKey)),
    relevance: toRelevance(candidates.map(({ score }) => score)),
    diversity,
    size,
    before: Int32Array.from(before, (itemKey) => active.indexOf(itemKey)),
    tags: newItems ? tagVectorsOf(active, newItems, keys, before) : null,
  });
  return places.map((place) => candidates[place]!);
}

/** null where no item is a new one with tags: nothing else is compared by them. */
function tagVectorsOf(
  active: ActiveModel,
  newItems: NewItems,
  candidates: readonly number[],
  before: readonly number[],
): DiverseChoice['tags'] {
  const isNew = (itemKey: number) => newItems.groupOf(itemKey) !== undefined;
  if (!candidates.some(isNew) && !before.some(isNew)) return null;
  const toVector = (itemKey: number) =>
    toTagVector(new Set(newItems.tagsOf(itemKey)), newItems.mixtures, active.indexOf(itemKey) < 0);
  return { candidates: candidates.map(toVector), before: before.map(toVector) };
}
