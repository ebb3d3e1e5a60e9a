/**
 * Catalogue coverage@K = |∪_u L_u| / n: the share of the n items that are in the first K of any list.
 * `exposure` as for `giniOf`.
 */
export function coverageOf(exposure: Uint32Array): number {
  if (exposure.length === 0) return 0;
  return exposure.filter((lists) => lists > 0).length / exposure.length;
}
