import type { JsonObject } from './item.js';
import type { RunError, RunOrigin } from './training/training-run.js';

export const LIST_JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed'] as const;
export type ListJobStatus = (typeof LIST_JOB_STATUSES)[number];

/** One making of the lists of all users of a catalog by one model. */
export interface ListJob extends RunOrigin {
  readonly id: string;
  readonly catalogId: string;
  readonly modelId: string;
  readonly k: number;
  /** As a request has it; null: none. */
  readonly filter: JsonObject | null;
  readonly status: ListJobStatus;
  readonly attempts: number;
  /** The lists of all users below are stored. */
  readonly nextUserKey: number;
  /** Stored parts, each of some users. */
  readonly parts: number;
  readonly usersDone: number;
  /** Users of the catalog when an attempt was last begun; null: none was. */
  readonly usersTotal: number | null;
  /** Of the stored parts, which are compressed. */
  readonly sizeBytes: number;
  /** Peak resident memory of the worker in the attempt that finished it. */
  readonly peakRssBytes: number | null;
  readonly error: RunError | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export function isListJobFinished(status: ListJobStatus): boolean {
  return status === 'succeeded' || status === 'failed';
}

/** A list in the file of a job. */
export interface StoredList {
  readonly userId: string;
  readonly items: readonly { readonly itemId: string; readonly score: number; readonly source: string }[];
  /** Why it is empty or shorter than k. */
  readonly reason?: string;
  /** False for a user who has said no to personal lists. */
  readonly personalised?: false;
}
