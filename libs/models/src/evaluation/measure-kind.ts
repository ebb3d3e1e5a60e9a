import type { ModelParameters } from '#domain';
import type { ComputeThreads } from '#sparse';
import type { Split } from '../dataset/split.js';
import type { FitContext, RecommenderKind, TrainedModel } from '../recommender.js';
import { evaluateForms, type FormEvaluations } from './evaluate-forms.js';

export interface MeasureOptions {
  /** Lengths of the ranked list. */
  readonly ks: readonly number[];
  /** Of the model and of the bootstrap. */
  readonly seed: number;
  readonly compute: ComputeThreads;
  readonly onFitting?: ((fraction: number) => void) | undefined;
  readonly onEpoch?: FitContext['onEpoch'];
  /** Called between the fit and its evaluation. */
  readonly onFitted?: () => void;
  readonly onEvaluating?: ((fraction: number) => void) | undefined;
}

/** A fit and its figures on the test part. */
export interface Measurement extends FormEvaluations {
  readonly trained: TrainedModel;
  readonly fitMs: number;
  readonly evaluateMs: number;
}

/** Fits a kind on the training part and measures both of its forms on the test part. */
export async function measureKind(
  kind: RecommenderKind,
  split: Split,
  parameters: ModelParameters,
  options: MeasureOptions,
): Promise<Measurement> {
  const { ks, seed, compute } = options;
  const started = performance.now();
  const trained = await kind.fit(split.train, parameters, {
    seed,
    compute,
    onProgress: options.onFitting,
    onEpoch: options.onEpoch,
  });
  const fitted = performance.now();
  options.onFitted?.();
  const forms = await evaluateForms(trained, split, {
    ks,
    seed,
    compute,
    ...(options.onEvaluating && { onProgress: options.onEvaluating }),
  });
  const evaluateMs = Math.round(performance.now() - fitted);
  return { ...forms, trained, fitMs: Math.round(fitted - started), evaluateMs };
}
