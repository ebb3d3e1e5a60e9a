import type { RunOrigin } from '#domain';

/** All of the service's queues. */
export const TRAINING_QUEUE = 'training';
export const SCHEDULE_QUEUE = 'schedule';
export const LIST_QUEUE = 'lists';
export const BLOCK_QUEUE = 'training-blocks';
export const QUEUE_NAMES = [TRAINING_QUEUE, SCHEDULE_QUEUE, LIST_QUEUE, BLOCK_QUEUE] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/**
 * Asks a worker to carry out a training run; the row in Postgres says everything else. A job of an older
 * version has no origin.
 */
export interface TrainingJob extends Partial<RunOrigin> {
  readonly runId: string;
}
export const TRAINING_JOB = 'train';

/** One job a run and attempt: enqueuing twice collapses into one. BullMQ forbids `:` in ids. */
export function trainingJobId(runId: string): string {
  return `run-${runId}`;
}

/** Asks a worker to make the lists of a job; the row in Postgres says everything else. */
export interface ListQueueJob extends Partial<RunOrigin> {
  readonly listJobId: string;
}
export const LIST_JOB = 'make-lists';

export function listQueueJobId(listJobId: string): string {
  return `lists-${listJobId}`;
}

/** Asks a worker to solve some blocks of a run; the row in Postgres says everything else. */
export interface BlockJob extends Partial<RunOrigin> {
  readonly runId: string;
  /** Checksum of the data to solve and of how it is solved. */
  readonly task: string;
  readonly position: number;
}
export const BLOCK_JOB = 'solve-blocks';

export function blockJobId({ runId, task, position }: BlockJob): string {
  return `blocks-${runId}-${task}-${position}`;
}

/** One tick of a schedule. */
export interface ScheduleTickJob {
  readonly catalogId: string;
  readonly scheduleName: string;
}
export const SCHEDULE_TICK_JOB = 'tick';

/** Id of the BullMQ job scheduler that mirrors a stored schedule. */
export function jobSchedulerId(catalogId: string, scheduleName: string): string {
  return `${catalogId}/${scheduleName}`;
}
