/**
 * Gini@K of exposure: with e_(1) ≤ … ≤ e_(n) the number of lists of length K that hold each of the n items,
 *
 *   G = Σ_i (2i − n − 1)·e_(i) / (n·Σ_i e_i)
 *
 * is 0 when all items are shown equally often and 1 − 1/n when one item has all places. Answers 0
 * where nothing is shown.
 */
export function giniOf(exposure: Uint32Array): number {
  const ascending = exposure.slice().sort();
  const n = ascending.length;
  let [weighted, total] = [0, 0];
  ascending.forEach((lists, index) => {
    weighted += (2 * (index + 1) - n - 1) * lists;
    total += lists;
  });
  return total === 0 ? 0 : weighted / (n * total);
}
