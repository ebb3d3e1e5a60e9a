import { ComputeThreads, largestPerRow, rankRows, type CsrMatrix } from '@app/sparse';
import type { FitContext, RecommenderKind, TrainedModel } from '../recommender.js';
import { RowSparseModel, storedModels } from '../row-sparse/row-sparse.model.js';
import { chooseForm, estimateEase } from './ease.cost.js';
import { easeParameters, easeSearchSpace, type EaseParameters } from './ease.params.js';
import { solveEase } from './ease.solver.js';

const FORMAT = { name: 'ease', version: 2 };

/** Share of a fit that the solution takes, for its progress only. */
const SOLVE_SHARE = 0.95;

/**
 * EASE (Steck, WWW 2019, eq. 8): scores s = x·B for a history x, with B = I − P·diag(1/diag P), P = (XᵀX + λI)⁻¹, so
 * B_jk = −P_jk / P_kk off the diagonal and 0 on it (its weighted relatives: `solveEase`). Served are the entries of largest
 * magnitude in each row of B.
 */
async function fit(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  { seed, onProgress, compute = new ComputeThreads({ threads: 1 }) }: FitContext,
): Promise<TrainedModel> {
  const { kernels } = compute;
  const form = chooseForm(
    { numUsers: matrix.numRows, numItems: matrix.numCols, nnz: matrix.nnz },
    parameters,
  );
  const solution = await solveEase(matrix, parameters, form, {
    compute,
    seed,
    onProgress: (share) => onProgress?.(share * SOLVE_SHARE),
  });
  const { storage, entriesPerRow } = parameters;
  const largest = await largestPerRow(compute, solution.matrix, solution.scaling, entriesPerRow, {
    onProgress: (share) => onProgress?.(SOLVE_SHARE + share * (1 - SOLVE_SHARE)),
  });
  const { residual } = solution;
  const storedAs = storedModels(kernels, FORMAT, largest, { residual });
  return {
    recommender: storedAs(storage),
    kernel: kernels.name,
    residual,
    storedAs,
    rankUnpruned: (histories, k) => rankRows(compute, histories, solution.matrix, solution.scaling, k),
  };
}

export const ease = {
  kind: FORMAT.name,
  description: 'Closed-form item-to-item regression with a zero diagonal (Steck, WWW 2019; NeurIPS 2020).',
  parameters: easeParameters,
  searchSpace: easeSearchSpace,
  estimate: estimateEase,
  fit,
  decode: (bytes: Uint8Array) => RowSparseModel.decode(FORMAT, bytes),
} satisfies RecommenderKind<EaseParameters>;
