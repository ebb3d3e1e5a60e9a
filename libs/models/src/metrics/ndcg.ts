/**
 * NDCG@K with gain 1 and discount 1/log2(rank + 1); the ideal list is as long as the smaller of K
 * and the test items.
 */
export function ndcgAt(k: number, ranked: ArrayLike<number>, test: ReadonlySet<number>): number {
  let [gain, ideal] = [0, 0];
  for (let rank = 0; rank < Math.min(k, ranked.length); rank++)
    if (test.has(ranked[rank]!)) gain += 1 / Math.log2(rank + 2);
  for (let rank = 0; rank < Math.min(k, test.size); rank++) ideal += 1 / Math.log2(rank + 2);
  return gain / ideal;
}
