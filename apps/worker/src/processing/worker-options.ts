import type { WorkerOptions } from 'bullmq';

/**
 * A killed worker's job is taken over after its lock has run out and one more check has passed, 11 s at most.
 * The stall count is far above what a run survives (it has its own limit of attempts), so that BullMQ never
 * fails a job for losing its worker twice.
 */
export const WORKER_OPTIONS = {
  lockDuration: 8_000,
  stalledInterval: 3_000,
  maxStalledCount: 1_000,
  runRetryDelay: 1_000,
} as const satisfies Partial<WorkerOptions>;
