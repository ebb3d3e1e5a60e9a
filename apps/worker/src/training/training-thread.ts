import { DomainError } from '#domain';
import { train } from '#models';
import { ThreadCheckpoints } from './thread-checkpoints.js';
import type { ThreadMessage, TrainingTask, TrainingTaskOutcome } from './training-task.js';

/** Entry of a compute thread: the whole CPU part of a run. */
export default async function runTrainingTask({
  input,
  port,
  checkpoint,
  checkpointEveryMs,
}: TrainingTask): Promise<TrainingTaskOutcome> {
  const tell = (message: ThreadMessage) => port.postMessage(message);
  try {
    const result = await train(input, {
      onProgress: (stage, fraction) => tell({ kind: 'progress', progress: { stage, fraction } }),
      onEpoch: (epoch) => tell({ kind: 'epoch', epoch }),
      checkpoint: new ThreadCheckpoints(port, checkpoint, checkpointEveryMs),
    });
    return { ok: true, result };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ok: false, code: error.code, detail: error.message };
  }
}
