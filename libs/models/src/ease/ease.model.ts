import { DomainError } from '@app/domain';
import {
  computeGram,
  invertPositiveDefinite,
  largestPerRow,
  loadKernels,
  multiplySparseRows,
  RowSparseScorer,
  SingularMatrixError,
  SymmetricMatrix,
  type CsrMatrix,
  type Kernels,
} from '@app/sparse';
import type {
  BatchScorer,
  Contribution,
  FitContext,
  History,
  MatrixShape,
  RankedItems,
  RankingOptions,
  Recommender,
  RecommenderKind,
  TrainedModel,
} from '../recommender.js';
import { decodeEase, encodeEase, type EaseArtifact } from './ease.codec.js';
import { easeParameters, type EaseParameters } from './ease.params.js';

/**
 * EASE (Steck, WWW 2019, eq. 8): scores s = x·B for a history x, with B = I − P·diag(1/diag P), P = (XᵀX + λI)⁻¹, so
 * B_jk = −P_jk / P_kk off the diagonal and 0 on it. Served are the entries of largest magnitude in each row of B.
 */
export class EaseModel implements Recommender {
  readonly kind = 'ease';
  readonly #weights: CsrMatrix;
  readonly #scorer: RowSparseScorer;

  constructor(
    kernels: Kernels,
    private readonly artifact: EaseArtifact,
  ) {
    this.#weights = artifact.weights;
    this.#scorer = new RowSparseScorer(kernels, artifact.weights);
  }

  get numItems(): number {
    return this.#weights.numCols;
  }

  scoreUser(history: History): Float32Array {
    return this.#scorer.scores(history);
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    return this.#scorer.topK(history, k, { exclude: history.indices, ...options });
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

/** P = (G + λI)⁻¹ and the column scale −1/P_kk that makes B of it. */
interface Solution {
  readonly kernels: Kernels;
  readonly inverse: SymmetricMatrix;
  readonly columnScale: Float32Array;
}

/** Share of a fit that the Gram matrix takes, for progress only. */
const GRAM_SHARE = 0.1;

async function solve(matrix: CsrMatrix, parameters: EaseParameters, context: FitContext): Promise<Solution> {
  const kernels = loadKernels();
  const { onProgress } = context;
  const inverse = await computeGram(kernels, matrix, {
    onProgress: (share) => onProgress?.(share * GRAM_SHARE),
  });
  inverse.addToDiagonal(parameters.regularization);
  try {
    await invertPositiveDefinite(kernels, inverse, {
      onProgress: (share) => onProgress?.(GRAM_SHARE + share * (1 - GRAM_SHARE)),
    });
  } catch (error) {
    if (!(error instanceof SingularMatrixError)) throw error;
    const detail = `The Gram matrix is too close to singular in float32; raise regularization above ${parameters.regularization}`;
    throw new DomainError('numerically-singular', detail, { cause: error });
  }
  return { kernels, inverse, columnScale: inverse.diagonal().map((value) => -1 / value) };
}

async function fit(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  context: FitContext,
): Promise<TrainedModel> {
  const { kernels, inverse, columnScale } = await solve(matrix, parameters, context);
  const weights = largestPerRow(kernels, inverse, columnScale, parameters.entriesPerRow);
  const recommender = new EaseModel(kernels, { weights, kernel: kernels.name });
  return { recommender, kernel: kernels.name, unpruned: unprunedScorer(kernels, inverse, columnScale) };
}

/** Scores by the whole of B. Own items come out wrong (P_jj is not 0): they must be masked. */
function unprunedScorer(kernels: Kernels, inverse: SymmetricMatrix, columnScale: Float32Array): BatchScorer {
  return (histories, fromRow, toRow) => {
    const scores = multiplySparseRows(kernels, histories, fromRow, toRow, inverse);
    const numItems = columnScale.length;
    for (let entry = 0; entry < scores.length; entry++) scores[entry]! *= columnScale[entry % numItems]!;
    return scores;
  };
}

/**
 * Bytes at the peak: the tiles of G, the matrix with its transpose and their copies in the kernels, one strip of rows, and
 * the kept entries. FLOPs: n³ for Cholesky and inverse.
 */
function estimate(shape: MatrixShape, parameters: EaseParameters) {
  const { numUsers, numItems, nnz } = shape;
  const kept = numItems * Math.min(parameters.entriesPerRow, numItems);
  const tiles = SymmetricMatrix.bytesFor(numItems);
  const sparse = 4 * (8 * nnz + 4 * (numUsers + numItems + 2));
  const strip = 4 * Math.min(512, numItems) * numItems;
  const artifactBytes = kept * 8 + (numItems + 1) * 4 + 1024;
  return { peakBytes: tiles + sparse + strip + 4 * artifactBytes, flops: numItems ** 3, artifactBytes };
}

export const ease = {
  kind: 'ease',
  description: 'Closed-form item-to-item regression with a zero diagonal (Steck, WWW 2019).',
  parameters: easeParameters,
  estimate,
  fit,
  decode: (bytes: Uint8Array) => new EaseModel(loadKernels(), decodeEase(bytes)),
} satisfies RecommenderKind<EaseParameters>;
