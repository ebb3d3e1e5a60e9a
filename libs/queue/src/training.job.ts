/** Asks a worker to carry out a training run; the row in Postgres says everything else. */
export interface TrainingJob {
  readonly runId: string;
}
export const TRAINING_JOB = 'train';

/** One job a run and attempt: enqueuing twice collapses into one. BullMQ forbids `:` in ids. */
export function trainingJobId(runId: string): string {
  return `run-${runId}`;
}
