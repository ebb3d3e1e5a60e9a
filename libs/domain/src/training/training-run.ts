import type { ModelParameters } from './model-parameters.js';
import type { RunLeaderboard } from './run-leaderboard.js';

export const TRAINING_RUN_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type TrainingRunStatus = (typeof TRAINING_RUN_STATUSES)[number];

/** Steps of a run, in order; `progress` is within the whole run. */
export const TRAINING_STAGES = [
  'queued',
  'estimating',
  'loading',
  'fitting',
  'evaluating',
  'comparing',
  'refitting',
  'writing',
  'done',
] as const;
export type TrainingStage = (typeof TRAINING_STAGES)[number];

export interface RunError {
  readonly code: string;
  readonly detail: string;
}

/** One pass over the data of a model that is trained in epochs. */
export interface RunEpoch {
  /** Of the fit: `choosing` looks for the number of epochs, `final` trains that many. */
  readonly phase: string;
  readonly epoch: number;
  /** Mean over the epoch's steps. */
  readonly loss: number;
  /** Last measured NDCG@20 of the phase on what it holds out. */
  readonly validation: number | null;
  readonly durationMs: number;
}

/** Parts that workers share of the fit at hand. */
export interface RunParts {
  readonly done: number;
  readonly all: number;
}

/** The call that asked for a run; nulls: a schedule did, or the call named no trace. */
export interface RunOrigin {
  /** Its `X-Request-Id`. */
  readonly requestId: string | null;
  /** The span to which the spans of the run belong, as in W3C Trace Context. */
  readonly traceParent: string | null;
}

/** One attempt to train a model. */
export interface TrainingRun extends RunOrigin {
  readonly id: string;
  readonly catalogId: string;
  readonly kind: string;
  readonly parameters: ModelParameters;
  readonly activate: boolean;
  /** The schedule that asked for it, if one did. */
  readonly scheduleName: string | null;
  /** The tick of that schedule; null for a run that was asked for by a call. */
  readonly dueAt: Date | null;
  readonly status: TrainingRunStatus;
  readonly stage: TrainingStage;
  /** 0 to 1. */
  readonly progress: number;
  /** The last one of a model that is trained in epochs. */
  readonly epoch: RunEpoch | null;
  /** Of a model whose fit workers share. */
  readonly parts: RunParts | null;
  readonly attempts: number;
  readonly cancelRequested: boolean;
  /** Hash of the training data, once loaded. */
  readonly snapshotHash: string | null;
  /** The model it made, or the equal one it found. */
  readonly modelId: string | null;
  /** True when an equal model existed, so nothing was trained. */
  readonly unchanged: boolean;
  /** Whether all kinds of models are to be compared on what the run holds out. */
  readonly withLeaderboard: boolean;
  /** The comparison, once it is made. */
  readonly leaderboard: RunLeaderboard | null;
  readonly error: RunError | null;
  readonly estimatedBytes: number | null;
  readonly peakRssBytes: number | null;
  readonly timingsMs: { readonly [stage: string]: number };
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export function isFinished(status: TrainingRunStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
