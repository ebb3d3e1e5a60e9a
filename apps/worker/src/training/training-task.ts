import type { ErrorCode } from '@app/domain';
import type { TrainingInput, TrainingResult } from '@app/models';
import type { MessagePort } from 'node:worker_threads';

/** Steps that happen inside a compute thread. */
export type ComputeStage = 'fitting' | 'evaluating' | 'comparing' | 'refitting';

export interface ComputeProgress {
  readonly stage: ComputeStage;
  readonly fraction: number;
}

/** What a compute thread is given. */
export interface TrainingTask {
  readonly input: TrainingInput;
  /** Carries `ComputeProgress` back. */
  readonly progress: MessagePort;
}

/** What it answers: a `DomainError` would lose its code on the way between threads. */
export type TrainingTaskOutcome =
  | { readonly ok: true; readonly result: TrainingResult }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string };
