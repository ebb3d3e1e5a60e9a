import { artifactName, settle, type ThreadOutcome } from '#domain';
import { BlockTaskSolver } from '#models';
import type { BlockThreadTask, SolvedBlocks } from './block-task.js';

/** Kept for the next part, so that a task is read and transposed once for all its parts that come here. */
let opened: { readonly task: string; readonly solver: BlockTaskSolver } | null = null;

/** Entry of a thread that solves blocks. @returns null when it needs the task's bytes */
export default function runBlockThreadTask(
  given: BlockThreadTask,
): Promise<ThreadOutcome<SolvedBlocks | null>> {
  return settle(async () => {
    const solver = openTask(given);
    if (!solver) return null;
    const bytes = await solver.solve(given);
    return { name: artifactName(bytes), bytes };
  });
}

function openTask({ task, bytes, threads }: BlockThreadTask): BlockTaskSolver | null {
  if (opened?.task === task) return opened.solver;
  opened?.solver.close();
  opened = null;
  if (!bytes) return null;
  opened = { task, solver: new BlockTaskSolver(bytes, threads) };
  return opened.solver;
}
