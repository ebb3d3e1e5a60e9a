/** What the score of each item of a list becomes. */
export interface Boost {
  /** In float32, as all scores are; not always finite. */
  evaluate(itemKey: number, score: number, popularity: number): number;
}
