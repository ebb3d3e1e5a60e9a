import { DECILES } from './tail-recall.js';

/**
 * Exposure@K by popularity: with e_i the number of lists of length K that hold item i, and D the items of a
 * decile,
 *
 *   exposure_D = Σ_{i ∈ D} e_i / Σ_i e_i
 *
 * is the share of all places that the decile has; 0 where nothing is shown.
 */
export function exposureOf(lists: Uint32Array, deciles: Uint8Array): number[] {
  const places = Array<number>(DECILES).fill(0);
  let total = 0;
  lists.forEach((count, item) => {
    places[deciles[item]!]! += count;
    total += count;
  });
  return places.map((count) => (total === 0 ? 0 : count / total));
}
