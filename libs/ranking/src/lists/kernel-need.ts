import type { ActiveModel } from '../models/active-model.js';
import type { ModelCalls } from '../models/model-calls.js';

/** Kernel time that a request may take on the event loop. */
export const MOST_ON_LOOP_MS = 10;
/** What takes longer than this lets other requests go first. */
export const AT_ONCE_MS = 1;

/** What a request will ask of a model. */
export interface KernelNeed {
  readonly ms: number;
  /** Most items that a history of its calls has. */
  readonly longestHistory: number;
}

/** Who answers calls of a model that take longer than `AT_ONCE_MS`. */
export interface LongCalls {
  use<Result>(
    active: ActiveModel,
    need: KernelNeed,
    work: (calls: ModelCalls) => Promise<Result>,
  ): Promise<Result>;
}
