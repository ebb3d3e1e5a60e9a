import type { Metrics } from './metrics.js';
import type { ModelParameters } from './model-parameters.js';

/**
 * A kind of model that was fitted on the training part of a run and measured on what was held out,
 * as it is served.
 */
export interface ComparedKind {
  readonly model: string;
  /** The run's own for its kind, the defaults of all others. */
  readonly parameters: ModelParameters;
  readonly metrics: Metrics;
  /** Share of the items that are in any list of the longest length that was measured. */
  readonly coverage: number;
  /** Gini coefficient of how often each item is in one of these lists. */
  readonly gini: number;
  /** Recall of the held-out items in each tenth of the catalogue, the most popular first. */
  readonly tailRecall: readonly number[];
  /** This kind minus the run's own on the same users, with its paired interval; 0 for the run's own. */
  readonly differenceToRun: Metrics;
  readonly fitMs: number;
  readonly artifactBytes: number;
  readonly kernel: string;
}

/** A kind that was not compared, such as one that costs too much. */
export interface LeftOutKind {
  readonly model: string;
  readonly parameters: ModelParameters;
  /** Why, in words. */
  readonly leftOut: string;
}

/** All kinds beside the one that a run trains. */
export type RunLeaderboard = readonly (ComparedKind | LeftOutKind)[];
