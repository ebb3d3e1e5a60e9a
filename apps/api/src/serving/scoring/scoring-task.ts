import type { SentModel } from '#models';
import type { ModelCalls } from '#ranking';

/** One call of a model, on its way to a thread. */
export interface ScoringTask {
  readonly model: SentModel;
  /** In shared memory: what a thread finds out, the others know. */
  readonly closeness: Float32Array;
  readonly name: Exclude<keyof ModelCalls, 'prepared'>;
  readonly args: readonly unknown[];
}
