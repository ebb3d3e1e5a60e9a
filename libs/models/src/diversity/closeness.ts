import type { Recommender } from '../recommender.js';

/** The score of the item that a model relates to each item most. Threads share what they know. */
export class Closeness {
  /** @param values one an item, NaN where it is not known yet */
  constructor(
    private readonly recommender: Recommender,
    readonly values: Float32Array,
  ) {}

  static of(recommender: Recommender): Closeness {
    const values = new Float32Array(new SharedArrayBuffer(4 * recommender.numItems)).fill(NaN);
    return new Closeness(recommender, values);
  }

  /** 0 when there is none above 0. Asked of the model once. */
  get(itemIndex: number): number {
    const cached = this.values[itemIndex]!;
    if (!Number.isNaN(cached)) return cached;
    const score = Math.max(0, this.recommender.similarItems(itemIndex, 1).scores[0] ?? 0);
    this.values[itemIndex] = score;
    return score;
  }
}
