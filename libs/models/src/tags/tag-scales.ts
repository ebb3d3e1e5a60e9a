/**
 * c of `TagMixtures` by kind of model: by how much scores of that kind must be raised so that, on a
 * validation part, new items hold about their share of the places
 * (docs/decisions/0017-scale-of-scores-from-tags.md says how it was chosen). A kind without one makes no
 * scores from tags: that nobody has a new item yet says all that popularity has to say of it.
 */
const TAG_SCALES: Readonly<Record<string, number>> = {
  ease: 1,
  blend: 1,
  spectral: 1,
  ials: 1.2,
  lightgcl: 1.2,
  'item-knn': 1.4,
};

/** 0 for a kind that makes no scores from tags. */
export function tagScale(kind: string): number {
  return TAG_SCALES[kind] ?? 0;
}
