import type { Metrics, ModelBreadth, ModelParameters, RunLeaderboard } from '#domain';
import { ComputeThreads, CsrMatrix } from '#sparse';
import { holdOut, limitTestUsers, type Split } from './dataset/split.js';
import { breadthOf, evaluate } from './evaluation/evaluate.js';
import { compareKinds, measureServed } from './leaderboard/compare-kinds.js';
import type { CostLimit } from './leaderboard/left-out.js';
import { modelKind } from './model-registry.js';
import type { BlockSolver, CheckpointStore, EpochReport, Recommender } from './recommender.js';
import { encodeServedModel } from './served-model.js';
import { checkpointOwner, TrainingCheckpoint } from './training-checkpoint.js';

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
  /** What the model is measured on before it is fitted on everything; absent: a random tenth. */
  readonly split?: Split | undefined;
  /** Compare all kinds whose fit costs no more than this; absent: compare none. */
  readonly leaderboardLimit?: CostLimit | undefined;
}

export type TrainingStageName = 'fitting' | 'evaluating' | 'comparing' | 'refitting';

export interface TrainingResult {
  /** An encoded `ServedModel`, fitted on all of the data. */
  readonly artifact: Uint8Array;
  /** Of the same model fitted on what was not held out, in the form that is served. */
  readonly metrics: Metrics;
  readonly baseline: Metrics;
  /** Users of the metrics: all with held-out items, or 20,000 chosen by the seed. Absent: as `breadth`. */
  readonly measuredUsers?: number;
  /** Absent: the run goes on with figures of a release that did not measure it. */
  readonly breadth?: ModelBreadth;
  /** Of all kinds on the same split, where it was asked for. */
  readonly leaderboard?: RunLeaderboard;
  readonly kernel: string;
  readonly timingsMs: { readonly [stage in TrainingStageName]?: number };
}

/** What follows a training run, and keeps what it takes to go on with it. */
export interface TrainingOptions {
  readonly onProgress?: ((stage: TrainingStageName, fraction: number) => void) | undefined;
  /** Of the run's own fits, where they are made in epochs. */
  readonly onEpoch?: ((report: EpochReport) => void) | undefined;
  /** Absent: an interrupted run starts anew. */
  readonly checkpoint?: CheckpointStore | undefined;
  /** Of the run's own fits, where they are made of blocks; absent: its own threads solve them. */
  readonly solveBlocks?: BlockSolver | undefined;
}

/** What is known before the model that is served is fitted. */
type Measured = Omit<TrainingResult, 'artifact' | 'kernel'>;
type FitHooks = Pick<TrainingOptions, 'onEpoch' | 'checkpoint' | 'solveBlocks'>;

/**
 * The CPU part of a training run: fit on a part, measure on the held-out rest beside popularity, fit on
 * everything. With a checkpoint of the same run it goes on where that was saved, and makes the same model.
 */
export async function train(input: TrainingInput, options: TrainingOptions = {}): Promise<TrainingResult> {
  const compute = new ComputeThreads({ threads: input.threads });
  try {
    return await trainWith(compute, input, options);
  } finally {
    compute.close();
  }
}

async function trainWith(
  compute: ComputeThreads,
  input: TrainingInput,
  { onProgress, onEpoch, solveBlocks, checkpoint: store }: TrainingOptions,
): Promise<TrainingResult> {
  const { numUsers: numRows, numItems: numCols, indptr, indices, values } = input;
  const matrix = new CsrMatrix({ numRows, numCols, indptr, indices, values });
  const { kind, parameters, itemKeys, seed } = input;
  const checkpoint = store && (await TrainingCheckpoint.open<Measured>(store, ownerOf(input, matrix)));
  const hooks = { onEpoch, solveBlocks, checkpoint: checkpoint?.fit };
  const stored = checkpoint?.measured;
  const measured = stored ?? (await measure(compute, input, matrix, { ...hooks, onProgress }));
  if (!stored) await checkpoint?.keepMeasured(measured);
  const clock = stopwatch();
  onProgress?.('refitting', 0);
  const { recommender, kernel } = await modelKind(kind).fit(matrix, parameters, {
    seed,
    compute,
    ...hooks,
    onProgress: (share) => onProgress?.('refitting', share),
  });
  const popularity = await fitPopularity(matrix, seed);
  const artifact = encodeServedModel({ kind, itemKeys, recommender, popularity });
  return { ...measured, artifact, kernel, timingsMs: { ...measured.timingsMs, refitting: clock() } };
}

function ownerOf({ kind, parameters, seed, leaderboardLimit }: TrainingInput, matrix: CsrMatrix): string {
  return checkpointOwner(matrix, kind, parameters, seed, leaderboardLimit !== undefined);
}

/** The part before the model that is served is fitted; it leaves no other model in memory. */
async function measure(
  compute: ComputeThreads,
  { kind, parameters, seed, split: given, leaderboardLimit: limit }: TrainingInput,
  matrix: CsrMatrix,
  { onProgress, ...hooks }: FitHooks & Pick<TrainingOptions, 'onProgress'>,
): Promise<Measured> {
  const whole = given ?? holdOut(matrix, { fraction: HELD_OUT_SHARE, seed });
  const split = limitTestUsers(whole, seed);
  const options = { ks: EVALUATION_KS, seed, compute };
  const clock = stopwatch();
  let fitting = 0;
  onProgress?.('fitting', 0);
  const own = await measureServed(modelKind(kind), parameters, split, {
    ...options,
    ...hooks,
    onFitting: (share) => onProgress?.('fitting', share),
    onFitted: () => {
      fitting = clock();
      onProgress?.('evaluating', 0);
    },
    onEvaluating: (share) => onProgress?.('evaluating', share),
  });
  const popularity = evaluate(await fitPopularity(split.train, seed), split, options);
  const figures = {
    metrics: own.evaluation.metrics,
    baseline: popularity.metrics,
    measuredUsers: own.evaluation.users,
    breadth: { model: breadthOf(own.evaluation), popularity: breadthOf(popularity) },
  };
  const timingsMs = { fitting, evaluating: clock() };
  if (!limit) return { ...figures, timingsMs };
  onProgress?.('comparing', 0);
  const leaderboard = await compareKinds(own, split, {
    ...options,
    limit,
    onProgress: (share) => onProgress?.('comparing', share),
  });
  return { ...figures, leaderboard, timingsMs: { ...timingsMs, comparing: clock() } };
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
