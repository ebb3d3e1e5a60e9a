/** Mean over users with a bootstrap 95 % interval. */
export interface MetricSummary {
  readonly mean: number;
  readonly ci95: readonly [number, number];
}
/** e.g. `recall@20`, `ndcg@20`. */
export type Metrics = { readonly [name: string]: MetricSummary };
