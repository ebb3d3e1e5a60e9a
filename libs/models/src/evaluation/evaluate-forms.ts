import type { ComputeThreads } from '#sparse';
import type { Split } from '../dataset/split.js';
import type { TrainedModel } from '../recommender.js';
import { evaluateBatch, evaluateModel, type Evaluation, type EvaluationOptions } from './evaluate.js';

type FormOptions = EvaluationOptions & { readonly compute: ComputeThreads };

/** A model as a whole, and as it is served where that is another one. */
export interface FormEvaluations {
  readonly whole: Evaluation;
  readonly served?: Evaluation;
}

/** Measures the model as it was before it was pruned for serving, or the served one where nothing was. */
export async function evaluateWhole(
  { recommender, rankUnpruned }: TrainedModel,
  split: Split,
  options: FormOptions,
): Promise<Evaluation> {
  return rankUnpruned
    ? evaluateBatch(rankUnpruned, split, options)
    : evaluateModel(recommender, split, options);
}

/** Measures both forms of a model. */
export async function evaluateForms(
  trained: TrainedModel,
  split: Split,
  options: FormOptions,
): Promise<FormEvaluations> {
  const whole = await evaluateWhole(trained, split, options);
  return trained.rankUnpruned
    ? { whole, served: await evaluateModel(trained.recommender, split, options) }
    : { whole };
}
