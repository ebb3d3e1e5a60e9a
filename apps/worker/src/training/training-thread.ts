import { DomainError } from '@app/domain';
import { train } from '@app/models';
import type { ComputeProgress, TrainingTask, TrainingTaskOutcome } from './training-task.js';

/** Entry of a compute thread: the whole CPU part of a run. */
export default async function runTrainingTask({
  input,
  progress,
}: TrainingTask): Promise<TrainingTaskOutcome> {
  try {
    const result = await train(input, {
      onProgress: (stage, fraction) => progress.postMessage({ stage, fraction } satisfies ComputeProgress),
    });
    return { ok: true, result };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ok: false, code: error.code, detail: error.message };
  }
}
