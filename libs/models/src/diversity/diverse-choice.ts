import type { Recommender } from '../recommender.js';
import type { Closeness } from './closeness.js';
import { raiseByTags, type TagVector } from './tag-likeness.js';

/**
 * Candidates, best first, and how many of them are wanted; items by their index in the model, -1 for those
 * that it has never seen.
 */
export interface DiverseChoice {
  readonly indices: Int32Array;
  /** From 0 to 1. */
  readonly relevance: Float64Array;
  readonly diversity: number;
  readonly size: number;
  /** Items that the list has already. */
  readonly before: Int32Array;
  /** Tags of the candidates and of the items before, where some of them are new to the model. */
  readonly tags: { readonly candidates: readonly TagVector[]; readonly before: readonly TagVector[] } | null;
}

/**
 * From 0 for the last candidate to 1 for the first; 1 for all where they are equal.
 *
 * @param scores best first
 */
export function toRelevance(scores: readonly number[]): Float64Array {
  const [best, worst] = [scores[0] ?? 0, scores.at(-1) ?? 0];
  return Float64Array.from(scores, (score) => (best > worst ? (score - worst) / (best - worst) : 1));
}

/**
 * Maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998): the next item is the one of largest (1 −
 * d)·r_i − d·max_j s_ij over the items j before it, ties to the better candidate. s_ij is how much the model
 * relates i to j, in proportion to the item that it relates to j most, and not below 0. Where one of them is
 * new to the model, s_ij is the cosine of their tags.
 *
 * @param pause called after each item that was followed, to let other work go first
 * @returns places of `size` candidates, or of all if there are fewer
 */
export async function chooseDiverse(
  recommender: Recommender,
  closeness: Closeness,
  { indices, relevance, diversity, size, before, tags }: DiverseChoice,
  pause: () => Promise<void>,
): Promise<number[]> {
  const similarity = new Similarity(recommender, closeness, indices);
  const nearest = new Float64Array(indices.length);
  const follow = async (itemIndex: number, vector?: TagVector) => {
    similarity.raise(nearest, itemIndex);
    if (tags && vector) raiseByTags(nearest, tags.candidates, vector);
    await pause();
  };
  for (const [place, itemIndex] of before.entries()) await follow(itemIndex, tags?.before[place]);
  const open = new Set(indices.keys());
  const chosen: number[] = [];
  while (chosen.length < size && open.size > 0) {
    const next = best(open, (place) => (1 - diversity) * relevance[place]! - diversity * nearest[place]!);
    open.delete(next);
    chosen.push(next);
    if (chosen.length < size) await follow(indices[next]!, tags?.candidates[next]);
  }
  return chosen;
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
    private readonly recommender: Recommender,
    private readonly closeness: Closeness,
    private readonly indices: Int32Array,
  ) {
    this.#allowed = new Uint8Array(recommender.numItems);
    this.#placeOf = new Int32Array(recommender.numItems);
    indices.forEach((index, place) => {
      if (index < 0) return;
      this.#allowed[index] = 1;
      this.#placeOf[index] = place;
    });
  }

  /** nearest_i ← max(nearest_i, s_ij) for every candidate i. */
  raise(nearest: Float64Array, itemIndex: number): void {
    if (itemIndex < 0) return;
    const closest = this.closeness.get(itemIndex);
    if (closest === 0) return;
    const related = this.recommender.similarItems(itemIndex, this.indices.length, { allowed: this.#allowed });
    related.indices.forEach((index, rank) => {
      const place = this.#placeOf[index]!;
      nearest[place] = Math.max(nearest[place]!, related.scores[rank]! / closest);
    });
  }
}
