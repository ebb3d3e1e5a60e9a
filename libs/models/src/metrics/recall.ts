/**
 * Recall@K = hits among the first K of `ranked` / number of test items (LightGCN protocol: not
 * the smaller of both).
 */
export function recallAt(k: number, ranked: ArrayLike<number>, test: ReadonlySet<number>): number {
  let hits = 0;
  for (let rank = 0; rank < Math.min(k, ranked.length); rank++) if (test.has(ranked[rank]!)) hits++;
  return hits / test.size;
}
