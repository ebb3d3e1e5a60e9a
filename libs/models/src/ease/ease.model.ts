import {
  ComputeThreads,
  ItemScorer,
  largestPerRow,
  loadKernels,
  rankRows,
  type CsrMatrix,
  type Kernels,
} from '@app/sparse';
import { roundToStorage, type StorageType } from '../artifact/row-storage.js';
import type {
  Contribution,
  FitContext,
  History,
  RankedItems,
  RankingOptions,
  Recommender,
  RecommenderKind,
  TrainedModel,
} from '../recommender.js';
import { decodeEase, encodeEase, type EaseArtifact } from './ease.codec.js';
import { chooseForm, estimateEase } from './ease.cost.js';
import { easeParameters, easeSearchSpace, type EaseParameters } from './ease.params.js';
import { solveEase } from './ease.solver.js';

/**
 * EASE (Steck, WWW 2019, eq. 8): scores s = x·B for a history x, with B = I − P·diag(1/diag P), P = (XᵀX + λI)⁻¹, so
 * B_jk = −P_jk / P_kk off the diagonal and 0 on it (its weighted relatives: `solveEase`). Served are the entries of largest magnitude in each row of B.
 */
export class EaseModel implements Recommender {
  readonly kind = 'ease';
  readonly #weights: CsrMatrix;
  readonly #scorer: ItemScorer;

  constructor(
    kernels: Kernels,
    private readonly artifact: EaseArtifact,
  ) {
    this.#weights = artifact.weights;
    this.#scorer = new ItemScorer(kernels, { rows: artifact.weights });
  }

  get numItems(): number {
    return this.#weights.numCols;
  }

  scoreUser(history: History): Float32Array {
    return this.#scorer.scores({ history });
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    return this.#scorer.topK({ history }, k, { exclude: history.indices, ...options });
  }

  /** Row j of B: how much item j in a history speaks for each other item. */
  similarItems(itemIndex: number, k: number, options: RankingOptions = {}): RankedItems {
    return this.recommend({ indices: Uint32Array.of(itemIndex), values: Float32Array.of(1) }, k, options);
  }

  /** x_j·B_jk for each past item j that has a part in item k's score. */
  explain(history: History, itemIndex: number): Contribution[] {
    const parts: Contribution[] = [];
    history.indices.forEach((item, position) => {
      const part = history.values[position]! * this.#weight(item, itemIndex);
      if (part !== 0) parts.push({ itemIndex: item, part });
    });
    return parts.sort((a, b) => Math.abs(b.part) - Math.abs(a.part) || a.itemIndex - b.itemIndex);
  }

  encode(): Uint8Array {
    return encodeEase(this.artifact);
  }

  #weight(row: number, column: number): number {
    const { indices, values } = this.#weights.row(row);
    let [low, high] = [0, indices.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (indices[middle]! < column) low = middle + 1;
      else high = middle;
    }
    return indices[low] === column ? values[low]! : 0;
  }
}

/** Share of a fit that the solution takes, for its progress only. */
const SOLVE_SHARE = 0.95;

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
  const storedAs = (type: StorageType) => {
    const weights = roundToStorage(largest, type);
    return new EaseModel(kernels, { weights, storage: type, kernel: kernels.name, residual });
  };
  return {
    recommender: storedAs(storage),
    kernel: kernels.name,
    residual,
    storedAs,
    rankUnpruned: (histories, k) => rankRows(compute, histories, solution.matrix, solution.scaling, k),
  };
}

export const ease = {
  kind: 'ease',
  description: 'Closed-form item-to-item regression with a zero diagonal (Steck, WWW 2019; NeurIPS 2020).',
  parameters: easeParameters,
  searchSpace: easeSearchSpace,
  estimate: estimateEase,
  fit,
  decode: (bytes: Uint8Array) => new EaseModel(loadKernels(), decodeEase(bytes)),
} satisfies RecommenderKind<EaseParameters>;
