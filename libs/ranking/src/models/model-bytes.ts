import type { Model } from '#domain';

/** What is stored in halves becomes floats, twice. */
const ARTIFACT_FACTOR = 5;

/** Most bytes that a model takes in memory, with its arrays by item. */
export function mostModelBytes({ artifactBytes, numItems }: Model, numKeys: number): number {
  return ARTIFACT_FACTOR * artifactBytes + 4 * (numKeys + numItems + numItems) + numItems;
}
