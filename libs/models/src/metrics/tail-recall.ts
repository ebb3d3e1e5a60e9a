export const DECILES = 10;

/**
 * The tenth of the catalogue that each item is in, by users in the training data: 0 holds the most popular
 * items, 9 the least popular ones. With items in order of falling count, ties to the lower index, item number
 * r of n is in ⌊10·r / n⌋.
 */
export function popularityDeciles(counts: Uint32Array): Uint8Array {
  const order = Uint32Array.from(counts.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const deciles = new Uint8Array(counts.length);
  order.forEach((item, rank) => (deciles[item] = Math.floor((DECILES * rank) / counts.length)));
  return deciles;
}

/**
 * Recall@K by popularity: with T_u the test items of user u, L_u the first K of the list and D the
 * items of a decile,
 *
 *   recall_D = mean over users with T_u ∩ D ≠ ∅ of |L_u ∩ T_u ∩ D| / |T_u ∩ D|
 *
 * is 0 for a decile without a test item.
 */
export class TailRecall {
  readonly #sums = new Float64Array(DECILES);
  readonly #users = new Float64Array(DECILES);

  constructor(
    private readonly k: number,
    private readonly deciles: Uint8Array,
  ) {}

  /** Counts one user's list. */
  add(ranked: ArrayLike<number>, test: ReadonlySet<number>): void {
    const [hits, wanted] = [new Uint32Array(DECILES), new Uint32Array(DECILES)];
    for (const item of test) wanted[this.deciles[item]!]!++;
    for (let rank = 0; rank < Math.min(this.k, ranked.length); rank++)
      if (test.has(ranked[rank]!)) hits[this.deciles[ranked[rank]!]!]!++;
    wanted.forEach((count, decile) => {
      if (count === 0) return;
      this.#sums[decile]! += hits[decile]! / count;
      this.#users[decile]!++;
    });
  }

  /** One value a decile. */
  means(): number[] {
    return Array.from(this.#sums, (sum, decile) => (sum === 0 ? 0 : sum / this.#users[decile]!));
  }
}
