import {
  ComputeThreads,
  factorGramHere,
  ItemScorer,
  loadKernels,
  rankUsers,
  RowSolver,
  solveRows,
  type CsrMatrix,
  type DenseMatrix,
  type Kernels,
  type RankedRows,
} from '@app/sparse';
import { roundDenseToStorage, type StorageType } from '../artifact/row-storage.js';
import { rankScores } from '../ranking.js';
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
import { decodeIals, encodeIals, type IalsArtifact } from './ials.codec.js';
import { estimateIals } from './ials.cost.js';
import { ialsParameters, ialsSearchSpace, type IalsParameters } from './ials.params.js';
import { explained, factorise, ridgeOf, ridgesOf } from './ials.solver.js';

/**
 * iALS (Hu, Koren & Volinsky, ICDM 2008; Rendle et al., RecSys 2022): scores s = H·w with w folded in from a history x,
 * w = A⁻¹Σ_j x_j h_j, A = Σ_j x_j h_j h_jᵀ + a₀HᵀH + r·I (`factorise`). Users of the fit are folded in like any other, so
 * that only item factors are kept. An empty history, or an item that nobody has, has embedding 0 and scores 0.
 */
export class IalsModel implements Recommender {
  readonly kind = 'ials';
  readonly #factors: DenseMatrix;
  readonly #lengths: Float32Array;
  readonly #solver: RowSolver;
  readonly #scorer: ItemScorer;

  constructor(
    kernels: Kernels,
    private readonly artifact: IalsArtifact,
  ) {
    const { factors, base } = artifact;
    this.#factors = factors;
    this.#lengths = Float32Array.from({ length: factors.numRows }, (_, item) =>
      Math.hypot(...factors.row(item)),
    );
    this.#solver = new RowSolver(kernels, { factors, base });
    this.#scorer = new ItemScorer(kernels, { factors });
  }

  get numItems(): number {
    return this.#factors.numRows;
  }

  /** w, as the history has it or solved for. @throws DomainError `numerically-singular`, ShapeError on a weight below zero or an unknown item */
  embed(history: History): Float32Array {
    return history.embedding ?? this.#solve(history);
  }

  scoreUser(history: History): Float32Array {
    return this.#scorer.scores({ embedding: this.embed(history) });
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    return this.#scorer.topK({ embedding: this.embed(history) }, k, { exclude: history.indices, ...options });
  }

  async recommendAll(compute: ComputeThreads, histories: CsrMatrix, k: number): Promise<RankedRows> {
    const { factors, base, penalty } = this.artifact;
    const ridge = ridgesOf(histories, penalty);
    const embeddings = await solveRows(compute, histories, { factors, base, ridge }).catch(
      (error: unknown) => {
        throw explained(error, penalty);
      },
    );
    return rankUsers(compute, { factors }, { histories, embeddings }, k);
  }

  /** Cosine of the items' factors; 0 where one of them is zero. */
  similarItems(itemIndex: number, k: number, options: RankingOptions = {}): RankedItems {
    const length = this.#lengths[itemIndex]!;
    const dots = this.#scorer.scores({ embedding: this.#factors.row(itemIndex) });
    const cosines = dots.map((dot, item) => (dot === 0 ? 0 : dot / (length * this.#lengths[item]!)));
    return rankScores(cosines, k, Uint32Array.of(itemIndex), options.allowed);
  }

  /** x_j · h_iᵀA⁻¹h_j for each past item j (Hu, Koren & Volinsky 2008, eq. 7). */
  explain(history: History, itemIndex: number): Contribution[] {
    const towards = this.#solve(history, this.#factors.row(itemIndex));
    const parts: Contribution[] = [];
    history.indices.forEach((item, position) => {
      const part = history.values[position]! * dot(this.#factors.row(item), towards);
      if (part !== 0) parts.push({ itemIndex: item, part });
    });
    return parts.sort((a, b) => Math.abs(b.part) - Math.abs(a.part) || a.itemIndex - b.itemIndex);
  }

  encode(): Uint8Array {
    return encodeIals(this.artifact);
  }

  /** A⁻¹Σ_j x_j h_j, or A⁻¹ times another right-hand side. */
  #solve(history: History, right?: Float32Array): Float32Array {
    const { penalty } = this.artifact;
    try {
      return this.#solver.solve(history, ridgeOf(history.values, this.numItems, penalty), right);
    } catch (error) {
      throw explained(error, penalty);
    }
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, p) => sum + value * b[p]!, 0);
}

async function fit(
  matrix: CsrMatrix,
  parameters: IalsParameters,
  { seed, onProgress, compute = new ComputeThreads({ threads: 1 }) }: FitContext,
): Promise<TrainedModel> {
  const { kernels } = compute;
  const { items } = await factorise(matrix, parameters, { compute, seed, onProgress });
  const storedAs = (storage: StorageType) => {
    const factors = roundDenseToStorage(items, storage);
    const base = factorGramHere(kernels, factors, parameters.unobservedWeight);
    return new IalsModel(kernels, { factors, base, penalty: parameters, storage, kernel: kernels.name });
  };
  return { recommender: storedAs(parameters.storage), kernel: kernels.name, storedAs };
}

export const ials = {
  kind: 'ials',
  description:
    'Implicit-feedback matrix factorisation by alternating least squares (Hu et al. 2008; Rendle et al. 2022).',
  parameters: ialsParameters,
  searchSpace: ialsSearchSpace,
  estimate: estimateIals,
  fit,
  decode: (bytes: Uint8Array) => new IalsModel(loadKernels(), decodeIals(bytes)),
} satisfies RecommenderKind<IalsParameters>;
