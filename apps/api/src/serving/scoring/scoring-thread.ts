import { settle, type ThreadOutcome } from '#domain';
import { Closeness, restoreModel } from '#models';
import { DirectCalls, type ModelCalls } from '#ranking';
import type { ScoringTask } from './scoring-task.js';

/** Entry of a scoring thread: one call of a model that was lent for it. Nothing of the model is kept. */
export default function answer({
  model,
  closeness,
  name,
  args,
}: ScoringTask): Promise<ThreadOutcome<unknown>> {
  return settle(() => {
    const recommender = restoreModel(model);
    const calls: ModelCalls = new DirectCalls(recommender, new Closeness(recommender, closeness));
    const call = calls[name].bind(calls) as (...args: readonly unknown[]) => unknown;
    return call(...args);
  });
}
