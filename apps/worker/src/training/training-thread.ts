import { settle, type ThreadOutcome } from '#domain';
import { train, type TrainingResult } from '#models';
import { blocksByWorkers } from './flow/thread-blocks.js';
import { ThreadCheckpoints } from './thread-checkpoints.js';
import type { ThreadMessage, TrainingTask } from './training-task.js';

/** Entry of a compute thread: the whole CPU part of a run. */
export default function runTrainingTask({
  input,
  port,
  blocks,
  checkpoint,
  checkpointEveryMs,
}: TrainingTask): Promise<ThreadOutcome<TrainingResult>> {
  const tell = (message: ThreadMessage) => port.postMessage(message);
  return settle(() =>
    train(input, {
      onProgress: (stage, fraction) => tell({ kind: 'progress', progress: { stage, fraction } }),
      onEpoch: (epoch) => tell({ kind: 'epoch', epoch }),
      solveBlocks: blocksByWorkers(blocks),
      checkpoint: new ThreadCheckpoints(port, checkpoint, checkpointEveryMs),
    }),
  );
}
