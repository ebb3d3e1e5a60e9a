import { TurnTaking } from '../common/turn-taking.js';
import type { ActiveModel } from '../serving/active-model.js';
import type { Candidate } from './candidates.js';

/** Longest list that can be made diverse: each item in it asks the model for what is similar. */
export const MAX_DIVERSE_K = 200;

/** Candidates from which a diverse list of k items is chosen. */
export function numCandidates(k: number): number {
  return Math.max(5 * k, 200);
}

/**
 * Maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998): the next item is the one of largest
 * (1 − d)·r_i − d·max_j s_ij over the items j before it, ties to the better candidate. r_i is the score from 0 for the last candidate to
 * 1 for the first; s_ij is how much the model relates i to j, in proportion to the item that it relates to j most, and not below 0.
 *
 * An item that the model has never seen is like no other.
 *
 * @param candidates best first
 * @param before keys of items that the list has already
 * @returns `size` of them, or all if there are fewer
 */
export async function diversify(
  candidates: readonly Candidate[],
  options: {
    readonly active: ActiveModel;
    readonly diversity: number;
    readonly size: number;
    readonly before: readonly number[];
  },
): Promise<Candidate[]> {
  const { active, diversity, size, before } = options;
  const relevance = toRelevance(candidates);
  const similarity = new Similarity(active, candidates);
  const nearest = new Float64Array(candidates.length);
  const turns = new TurnTaking();
  const follow = async (itemKey: number) => {
    similarity.raise(nearest, itemKey);
    await turns.pause();
  };
  for (const itemKey of before) await follow(itemKey);
  const open = new Set(candidates.keys());
  const chosen: Candidate[] = [];
  while (chosen.length < size && open.size > 0) {
    const next = best(open, (place) => (1 - diversity) * relevance[place]! - diversity * nearest[place]!);
    open.delete(next);
    chosen.push(candidates[next]!);
    if (chosen.length < size) await follow(candidates[next]!.itemKey);
  }
  return chosen;
}

function toRelevance(candidates: readonly Candidate[]): number[] {
  const [best, worst] = [candidates[0]?.score ?? 0, candidates.at(-1)?.score ?? 0];
  return candidates.map(({ score }) => (best > worst ? (score - worst) / (best - worst) : 1));
}

/** The first place, in order, of largest value. */
function best(places: Iterable<number>, valueOf: (place: number) => number): number {
  let [found, largest] = [-1, -Infinity];
  for (const place of places) {
    const value = valueOf(place);
    if (found < 0 || value > largest) [found, largest] = [place, value];
  }
  return found;
}

/** How much the model relates candidates to an item. */
class Similarity {
  readonly #allowed: Uint8Array;
  readonly #placeOf: Int32Array;

  constructor(
    private readonly active: ActiveModel,
    private readonly candidates: readonly Candidate[],
  ) {
    const { numItems } = active.served.recommender;
    this.#allowed = new Uint8Array(numItems);
    this.#placeOf = new Int32Array(numItems);
    candidates.forEach(({ itemKey }, place) => {
      const index = active.indexOf(itemKey);
      if (index < 0) return;
      this.#allowed[index] = 1;
      this.#placeOf[index] = place;
    });
  }

  /** nearest_i ← max(nearest_i, s_ij) for every candidate i. */
  raise(nearest: Float64Array, itemKey: number): void {
    const { recommender } = this.active.served;
    const itemIndex = this.active.indexOf(itemKey);
    if (itemIndex < 0) return;
    const closest = this.active.closeness(itemIndex);
    if (closest === 0) return;
    const related = recommender.similarItems(itemIndex, this.candidates.length, { allowed: this.#allowed });
    related.indices.forEach((index, rank) => {
      const place = this.#placeOf[index]!;
      nearest[place] = Math.max(nearest[place]!, related.scores[rank]! / closest);
    });
  }
}
