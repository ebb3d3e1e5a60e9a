/** How far the lists of all measured users, cut at k, reach into the catalogue. */
export interface Breadth {
  readonly k: number;
  /** Share of the items that are in any list. */
  readonly coverage: number;
  /** Gini coefficient of how often each item is in a list: 0 when all are equally often. */
  readonly gini: number;
  /** Recall of the test items of each tenth of the catalogue, the most popular first. */
  readonly tailRecall: readonly number[];
  /** Share of the places in these lists that each of these tenths has. */
  readonly exposure: readonly number[];
}

/** Of a model, and of popularity on the same users. */
export interface ModelBreadth {
  readonly model: Breadth;
  readonly popularity: Breadth;
}
