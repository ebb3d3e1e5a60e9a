import { ComputeThreads, largestPerRow, rankRows, type CsrMatrix } from '#sparse';
import { fitToLikes } from '../likes.js';
import { countEntries } from '../linear/entries-per-row.js';
import { LinearModel, storedModels } from '../linear/linear.model.js';
import type { BatchRanker, FitContext, MatrixShape, RecommenderKind, TrainedModel } from '../recommender.js';
import { solveByBlocks } from './ease.blocks.js';
import { chooseForm, estimateEase, type EaseForm } from './ease.cost.js';
import { easeParameters, easeSearchSpace, type EaseParameters } from './ease.params.js';
import { solveEase } from './ease.solver.js';

const FORMAT = { name: 'ease', version: 2 };

/** Share of a fit that the solution takes, for its progress only. */
const SOLVE_SHARE = 0.95;

/**
 * EASE (Steck, WWW 2019, eq. 8): scores s = x·B for a history x, with B = I − P·diag(1/diag P), P = (XᵀX +
 * λI)⁻¹, so B_jk = −P_jk / P_kk off the diagonal and 0 on it (its weighted relatives: `solveEase`). Served
 * are the entries of largest magnitude in each row of B. The form says how P is computed: by `solveEase`, or
 * nearly by `solveByBlocks`.
 */
async function fit(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  { seed, onProgress, cache, solveBlocks, compute = new ComputeThreads({ threads: 1 }) }: FitContext,
): Promise<TrainedModel> {
  const { kernels } = compute;
  const { weights, residual, form, rankUnpruned } = await prune(matrix, parameters, {
    compute,
    seed,
    cache,
    onProgress,
    solveBlocks,
  });
  const storedAs = storedModels(kernels, FORMAT, { weights }, { residual, form });
  return {
    recommender: storedAs(parameters.storage),
    kernel: kernels.name,
    residual,
    storedAs,
    ...(rankUnpruned && { rankUnpruned }),
  };
}

function shapeOf({ numRows, numCols, nnz }: CsrMatrix): MatrixShape {
  return { numUsers: numRows, numItems: numCols, nnz };
}

type SolveContext = Pick<FitContext, 'seed' | 'onProgress' | 'cache' | 'solveBlocks'> & {
  readonly compute: ComputeThreads;
};

/** The largest entries of each row of B, in float32. */
interface PrunedWeights {
  readonly weights: CsrMatrix;
  readonly residual: number;
  /** By which they were computed. */
  readonly form: EaseForm;
}

async function prune(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  context: SolveContext,
): Promise<PrunedWeights & { readonly rankUnpruned?: BatchRanker }> {
  const form = chooseForm(shapeOf(matrix), parameters);
  if (form === 'blocks') return { form, ...(await solveByBlocks(matrix, parameters, context)) };
  const { compute, seed, onProgress } = context;
  const solution = await solveEase(matrix, parameters, form, {
    compute,
    seed,
    onProgress: (share) => onProgress?.(share * SOLVE_SHARE),
  });
  const keep = countEntries(parameters.entriesPerRow, matrix.numCols);
  const weights = await largestPerRow(compute, solution, keep, {
    onProgress: (share) => onProgress?.(SOLVE_SHARE + share * (1 - SOLVE_SHARE)),
  });
  const rankUnpruned: BatchRanker = (histories, k) => rankRows(compute, histories, solution, k);
  return { form, weights, residual: solution.residual, rankUnpruned };
}

/** B as it is served, for models that add to it; fits on one matrix that share EASE's parameters share it. */
export async function largestWeights(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  context: SolveContext,
): Promise<PrunedWeights> {
  const { regularization, dropout, userWeightExponent, entriesPerRow } = parameters;
  const { blockSize, coreSize, readout } = parameters;
  const form = chooseForm(shapeOf(matrix), parameters);
  const how = form === 'blocks' ? [form, blockSize, coreSize, readout] : [form];
  const key = `ease ${[regularization, dropout, userWeightExponent, ...how, entriesPerRow].join(' ')}`;
  const cached = context.cache?.get(key) as PrunedWeights | undefined;
  if (cached) return cached;
  const { weights, residual } = await prune(matrix, parameters, context);
  const pruned = { weights, residual, form };
  context.cache?.set(key, pruned);
  return pruned;
}

export const ease = {
  kind: FORMAT.name,
  description: 'Closed-form item-to-item regression with a zero diagonal (Steck, WWW 2019; NeurIPS 2020).',
  parameters: easeParameters,
  searchSpace: easeSearchSpace,
  estimate: estimateEase,
  fit: fitToLikes(fit),
  decode: LinearModel.decode.bind(null, FORMAT),
  restore: LinearModel.restore.bind(null, FORMAT),
} satisfies RecommenderKind<EaseParameters>;
