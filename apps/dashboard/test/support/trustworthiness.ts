/**
 * Trustworthiness of a layout of n items (Venna & Kaski 2001):
 *
 *   T(k) = 1 − 2 / (n·k·(2n − 3k − 1)) · Σ_i Σ_{j ∈ U_i} (r(i, j) − k)
 *
 * with U_i the items that are among the k nearest of i on the plane and not among its k closest, and r(i, j)
 * the rank of j by closeness to i. 1: nobody is near who is not close.
 */
export function trustworthiness(
  closeness: readonly (readonly number[])[],
  points: readonly { readonly x: number; readonly y: number }[],
  k: number,
): number {
  const n = points.length;
  const others = (i: number) => [...points.keys()].filter((j) => j !== i);
  let penalty = 0;
  points.forEach(({ x, y }, i) => {
    const distance = (j: number) => Math.hypot(points[j]!.x - x, points[j]!.y - y);
    const byCloseness = others(i).sort((a, b) => closeness[i]![b]! - closeness[i]![a]! || a - b);
    const nearest = others(i).sort((a, b) => distance(a) - distance(b));
    for (const j of nearest.slice(0, k)) penalty += Math.max(0, byCloseness.indexOf(j) + 1 - k);
  });
  return 1 - (2 / (n * k * (2 * n - 3 * k - 1))) * penalty;
}
