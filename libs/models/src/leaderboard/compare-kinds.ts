import type { ComparedKind, LeftOutKind, ModelParameters, RunLeaderboard } from '#domain';
import type { ComputeThreads } from '#sparse';
import type { Split } from '../dataset/split.js';
import { breadthOf, evaluateModel, type Evaluation } from '../evaluation/evaluate.js';
import { modelKind, modelRegistry } from '../model-registry.js';
import type { FitContext, RecommenderKind } from '../recommender.js';
import { differencesBetween } from './leaderboard.js';
import { fitOrLeaveOut, reasonToLeaveOut, type CostLimit } from './left-out.js';

/** What is left of a model that was measured: its figures, not its memory. */
export interface ServedMeasurement {
  readonly model: string;
  readonly parameters: ModelParameters;
  readonly evaluation: Evaluation;
  readonly fitMs: number;
  readonly artifactBytes: number;
  readonly kernel: string;
}

export interface ServedOptions extends Pick<FitContext, 'onEpoch' | 'checkpoint' | 'solveBlocks'> {
  readonly ks: readonly number[];
  readonly seed: number;
  readonly compute: ComputeThreads;
  readonly onFitting?: ((fraction: number) => void) | undefined;
  readonly onFitted?: (() => void) | undefined;
  readonly onEvaluating?: ((fraction: number) => void) | undefined;
}

/** Fits a kind on the training part and measures it, as it is served, on the test part. */
export async function measureServed(
  kind: RecommenderKind,
  parameters: ModelParameters,
  split: Split,
  { ks, seed, compute, onFitting, onFitted, onEvaluating, ...hooks }: ServedOptions,
): Promise<ServedMeasurement> {
  const started = performance.now();
  const { recommender, kernel } = await kind.fit(split.train, parameters, {
    seed,
    compute,
    onProgress: onFitting,
    ...hooks,
  });
  const fitMs = Math.round(performance.now() - started);
  onFitted?.();
  const evaluation = await evaluateModel(recommender, split, {
    ks,
    seed,
    compute,
    ...(onEvaluating && { onProgress: onEvaluating }),
  });
  const artifactBytes = recommender.encode().length;
  return { model: kind.kind, parameters, evaluation, fitMs, artifactBytes, kernel };
}

export interface CompareOptions {
  readonly ks: readonly number[];
  readonly seed: number;
  readonly compute: ComputeThreads;
  /** Kinds whose fit costs more are left out. */
  readonly limit: CostLimit;
  /** Called with a share from 0 to 1 that never falls. */
  readonly onProgress: (fraction: number) => void;
}

/** Share of one kind's time that its fit takes, for the progress only. */
const FIT_SHARE = 0.7;

/**
 * Measures every kind of the registry, with its defaults, beside one that has been measured
 * on the same split.
 */
export async function compareKinds(
  own: ServedMeasurement,
  split: Split,
  { limit, onProgress, ...options }: CompareOptions,
): Promise<RunLeaderboard> {
  const kinds = [...modelRegistry.keys()];
  const rows: (ComparedKind | LeftOutKind)[] = [];
  for (const [position, model] of kinds.entries()) {
    const report = (share: number) => onProgress((position + share) / kinds.length);
    report(0);
    if (model === own.model) rows.push(toRow(own, own, options.seed));
    else rows.push(await compareKind(model, own, split, { ...options, limit, onProgress: report }));
  }
  onProgress(1);
  return rows;
}

async function compareKind(
  model: string,
  own: ServedMeasurement,
  split: Split,
  { limit, onProgress, ...options }: CompareOptions,
): Promise<ComparedKind | LeftOutKind> {
  const kind = modelKind(model);
  const parameters = kind.parameters.parse({});
  const { numRows: numUsers, numCols: numItems, nnz } = split.train;
  const estimate = kind.estimate({ numUsers, numItems, nnz }, parameters, options.compute.count);
  const reason = reasonToLeaveOut(estimate, limit);
  if (reason !== null) return { model, parameters, leftOut: reason };
  const measured = await fitOrLeaveOut(() =>
    measureServed(kind, parameters, split, {
      ...options,
      onFitting: (share) => onProgress(share * FIT_SHARE),
      onEvaluating: (share) => onProgress(FIT_SHARE + share * (1 - FIT_SHARE)),
    }),
  );
  return 'leftOut' in measured ? { model, parameters, ...measured } : toRow(measured, own, options.seed);
}

function toRow(measured: ServedMeasurement, own: ServedMeasurement, seed: number): ComparedKind {
  const { evaluation, ...facts } = measured;
  const { coverage, gini, tailRecall } = breadthOf(evaluation);
  const differenceToRun = differencesBetween(evaluation, own.evaluation, seed);
  return { ...facts, metrics: evaluation.metrics, coverage, gini, tailRecall, differenceToRun };
}
