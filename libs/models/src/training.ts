import type { Metrics, ModelParameters } from '@app/domain';
import { ComputeThreads, CsrMatrix } from '@app/sparse';
import { holdOut } from './dataset/split.js';
import { evaluateModel } from './evaluation/evaluate.js';
import { modelKind } from './model-registry.js';
import type { Recommender } from './recommender.js';
import { encodeServedModel } from './served-model.js';

/** Share of each user's items that is held out to measure a run. */
const HELD_OUT_SHARE = 0.1;
const EVALUATION_KS = [10, 20];

/** Training data and what to make of it; the arrays may lie in shared memory. */
export interface TrainingInput {
  readonly numUsers: number;
  readonly numItems: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly itemKeys: Int32Array;
  readonly kind: string;
  readonly parameters: ModelParameters;
  readonly seed: number;
  /** Compute threads. */
  readonly threads: number;
}

export type TrainingStageName = 'fitting' | 'evaluating' | 'refitting';

export interface TrainingResult {
  /** An encoded `ServedModel`, fitted on all of the data. */
  readonly artifact: Uint8Array;
  /** Of the same model fitted on what was not held out, in the form that is served. */
  readonly metrics: Metrics;
  readonly baseline: Metrics;
  readonly kernel: string;
  readonly timingsMs: { readonly [stage in TrainingStageName]: number };
}

type StageListener = (stage: TrainingStageName, fraction: number) => void;

/** The CPU part of a training run: fit on a part, measure on the held-out rest beside popularity, fit on everything. */
export async function train(
  input: TrainingInput,
  onProgress: StageListener = () => undefined,
): Promise<TrainingResult> {
  const compute = new ComputeThreads({ threads: input.threads });
  try {
    return await trainWith(compute, input, onProgress);
  } finally {
    compute.close();
  }
}

async function trainWith(
  compute: ComputeThreads,
  input: TrainingInput,
  onProgress: StageListener,
): Promise<TrainingResult> {
  const matrix = new CsrMatrix(input.numUsers, input.numItems, input.indptr, input.indices, input.values);
  const { seed } = input;
  const fit = (data: CsrMatrix, stage: TrainingStageName) =>
    modelKind(input.kind).fit(data, input.parameters, {
      seed,
      compute,
      onProgress: (share) => onProgress(stage, share),
    });
  const clock = stopwatch();
  const split = holdOut(matrix, { fraction: HELD_OUT_SHARE, seed });
  const measured = await fit(split.train, 'fitting');
  const fitting = clock();
  const measure = (recommender: Recommender) =>
    evaluateModel(recommender, split, {
      compute,
      ks: EVALUATION_KS,
      seed,
      onProgress: (share) => onProgress('evaluating', share),
    });
  const { metrics } = await measure(measured.recommender);
  const { metrics: baseline } = await measure(await fitPopularity(split.train, seed));
  const evaluating = clock();
  const { recommender, kernel } = await fit(matrix, 'refitting');
  const popularity = await fitPopularity(matrix, seed);
  const artifact = encodeServedModel({ kind: input.kind, itemKeys: input.itemKeys, recommender, popularity });
  return { artifact, metrics, baseline, kernel, timingsMs: { fitting, evaluating, refitting: clock() } };
}

/** The yardstick and the fallback of every model. */
export async function fitPopularity(matrix: CsrMatrix, seed: number): Promise<Recommender> {
  return (await modelKind('popularity').fit(matrix, {}, { seed })).recommender;
}

/** Whole milliseconds since the last call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const [before, now] = [last, performance.now()];
    last = now;
    return Math.round(now - before);
  };
}
