import { lowerBound } from '#sparse';
import type { RankedItems } from './recommender.js';

/**
 * The k best of dense scores outside `exclude` and within `allowed`: descending, ties to the lower index.
 * Keeps a sorted list of k, so it costs one comparison an item for all but the best.
 */
export function rankScores(
  scores: Float32Array,
  k: number,
  exclude: Uint32Array,
  allowed?: Uint8Array,
): RankedItems {
  const best: number[] = [];
  const excluded = new Set(exclude);
  for (let item = 0; item < scores.length; item++) {
    if (allowed?.[item] === 0 || excluded.has(item)) continue;
    if (best.length === k && (k === 0 || scores[item]! <= scores[best[k - 1]!]!)) continue;
    const place = lowerBound(0, best.length, (at) => scores[best[at]!]! >= scores[item]!);
    best.splice(place, 0, item);
    if (best.length > k) best.pop();
  }
  return { indices: Uint32Array.from(best), scores: Float32Array.from(best, (item) => scores[item]!) };
}
