import type { ActiveModel } from '../serving/models/active-model.js';
import type { NewItems } from '../serving/new-items/new-items.js';
import type { DiverseChoice } from '../serving/scoring/diverse-choice.js';
import type { ModelCalls } from '../serving/scoring/model-calls.js';
import type { TagVector } from '../serving/scoring/tag-likeness.js';
import type { Candidate } from './ranking/candidates.js';

/** Longest list that can be made diverse: each item in it asks the model for what is similar. */
export const MAX_DIVERSE_K = 200;

/** Candidates from which a diverse list of k items is chosen. */
export function numCandidates(k: number): number {
  return Math.max(5 * k, 200);
}

/**
 * Maximal marginal relevance (see `chooseDiverse`), with a relevance from 0 for the last candidate to 1 for the first.
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
    relevance: toRelevance(candidates),
    diversity,
    size,
    before: Int32Array.from(before, (itemKey) => active.indexOf(itemKey)),
    tags: newItems ? tagVectorsOf(active, newItems, keys, before) : null,
  });
  return places.map((place) => candidates[place]!);
}

function toRelevance(candidates: readonly Candidate[]): Float64Array {
  const [best, worst] = [candidates[0]?.score ?? 0, candidates.at(-1)?.score ?? 0];
  return Float64Array.from(candidates, ({ score }) => (best > worst ? (score - worst) / (best - worst) : 1));
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
  const toVector = (itemKey: number) => tagVectorOf(active, newItems, itemKey);
  return { candidates: candidates.map(toVector), before: before.map(toVector) };
}

function tagVectorOf(active: ActiveModel, newItems: NewItems, itemKey: number): TagVector {
  const tags = [...new Set(newItems.tagsOf(itemKey))];
  const length = Math.hypot(...tags.map((tag) => newItems.mixtures.idfOf(tag)));
  return {
    isNew: active.indexOf(itemKey) < 0,
    weights: new Map(tags.map((tag) => [tag, newItems.mixtures.idfOf(tag) / length])),
  };
}
