/** What the figures of a model mean, for who sees one for the first time. */
const MEANINGS: readonly (readonly [RegExp, (k: string) => string])[] = [
  [
    /^ndcg@(\d+)$/,
    (k) =>
      `NDCG@${k}: how near the top of a list of ${k} the held-out items are. 1 is a perfect order, 0 means none was found.`,
  ],
  [
    /^recall@(\d+)$/,
    (k) =>
      `Recall@${k}: the share of each person's held-out items that a list of ${k} contains, as a mean over all people.`,
  ],
];

const HOW =
  'Measured on a held-out tenth of each person’s items, ranked among all items. In brackets: the interval that holds the mean with 95 % confidence.';

export function meaningOf(metric: string): string {
  for (const [pattern, words] of MEANINGS) {
    const k = pattern.exec(metric)?.[1];
    if (k !== undefined) return `${words(k)} ${HOW}`;
  }
  return HOW;
}

export function nameOf(metric: string): string {
  return metric.replace(/^ndcg/, 'NDCG').replace(/^recall/, 'Recall');
}

/** The figure that a model is judged by at a glance. */
export const MAIN_METRIC = 'ndcg@20';
