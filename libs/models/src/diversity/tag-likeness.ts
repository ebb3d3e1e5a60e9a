import type { TagMixtures } from '../tags/tag-mixtures.js';

/** The tags of an item, with what a tag that it shares counts for. */
export interface TagVector {
  /** Never seen by the model. */
  readonly isNew: boolean;
  readonly weights: ReadonlyMap<string, number>;
}

/** @param tags of one item, each once */
export function toTagVector(tags: ReadonlySet<string>, mixtures: TagMixtures, isNew: boolean): TagVector {
  const idfs = Array.from(tags, (tag) => [tag, mixtures.idfOf(tag)] as const);
  const length = Math.hypot(...idfs.map(([, idf]) => idf));
  return { isNew, weights: new Map(idfs.map(([tag, idf]) => [tag, idf / length])) };
}

/**
 * How much items are alike of which one is new to the model: Σ_{t∈i∩j} g_t² / √(Σ_{t∈i} g_t² · Σ_{t∈j} g_t²),
 * from 0 to 1, with g_t as in `TagMixtures`.
 */
export function raiseByTags(nearest: Float64Array, vectors: readonly TagVector[], other: TagVector): void {
  vectors.forEach((vector, place) => {
    if (!other.isNew && !vector.isNew) return;
    let likeness = 0;
    for (const [tag, weight] of other.weights) likeness += weight * (vector.weights.get(tag) ?? 0);
    nearest[place] = Math.max(nearest[place]!, likeness);
  });
}
