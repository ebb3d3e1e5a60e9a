import type { MessagePort } from 'node:worker_threads';
import type { EpochReport, TrainingInput } from '#models';

/** Steps that happen inside a compute thread. */
export type ComputeStage = 'fitting' | 'evaluating' | 'comparing' | 'refitting';

export interface ComputeProgress {
  readonly stage: ComputeStage;
  readonly fraction: number;
}

/** What a compute thread says while it works. Each checkpoint is answered with `CHECKPOINT_DONE`. */
export type ThreadMessage =
  | { readonly kind: 'progress'; readonly progress: ComputeProgress }
  | { readonly kind: 'epoch'; readonly epoch: EpochReport }
  | { readonly kind: 'checkpoint'; readonly bytes: Uint8Array<ArrayBuffer> };

export const CHECKPOINT_DONE = 'checkpoint-done';

/** What a compute thread is given. */
export interface TrainingTask {
  readonly input: TrainingInput;
  /** Carries `ThreadMessage` back. */
  readonly port: MessagePort;
  /** Carries `WantedBlocks` back, and `FlowMessage` to the thread. */
  readonly blocks: MessagePort;
  /** Where an earlier attempt got to. */
  readonly checkpoint: Uint8Array | null;
  /** Least time between two checkpoints. */
  readonly checkpointEveryMs: number;
}
