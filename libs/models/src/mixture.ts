import type { FactorMatrix } from '#sparse';
import type { Contribution } from './recommender.js';

/** Σ_p a_p·b_p, for vectors of one length. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let p = 0; p < a.length; p++) sum += a[p]! * b[p]!;
  return sum;
}

/** Fᵀw: the rows of F added up, each with its weight. */
export function mixRows(factors: FactorMatrix, weights: Float64Array): Float64Array {
  const sums = new Float64Array(factors.numCols);
  weights.forEach((weight, item) => weight !== 0 && factors.addRow(item, weight, sums));
  return sums;
}

/** The parts of past items that are not 0, largest magnitude first. */
export function toContributions(
  items: Uint32Array,
  partOf: (item: number, position: number) => number,
): Contribution[] {
  const parts: Contribution[] = [];
  items.forEach((itemIndex, position) => {
    const part = partOf(itemIndex, position);
    if (part !== 0) parts.push({ itemIndex, part });
  });
  return parts.sort((a, b) => Math.abs(b.part) - Math.abs(a.part) || a.itemIndex - b.itemIndex);
}
