import {
  ComputeThreads,
  DenseMatrix,
  factorGramHere,
  FactorMatrix,
  ItemScorer,
  Kernels,
  loadKernels,
  rankUsers,
  RowSolver,
  solveRows,
  type CsrMatrix,
  type MemoryKind,
  type RankedRows,
  type Scorer,
  type SharedDense,
  type StoredFactors,
} from '#sparse';
import { storeFactors, type StorageType } from '../artifact/row-storage.js';
import { Cosines } from '../cosines.js';
import { fitToLikes, likesOf } from '../likes.js';
import { mixRows, toContributions } from '../mixture.js';
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
import { sending, restoreScorer, type SentScorer, type Sending } from '../sending.js';
import { decodeIals, encodeIals, type IalsArtifact } from './ials.codec.js';
import { estimateIals } from './ials.cost.js';
import { ialsParameters, ialsSearchSpace, type IalsParameters } from './ials.params.js';
import { explained, factorise, ridgeOf, ridgesOf } from './ials.solver.js';

/**
 * iALS (Hu, Koren & Volinsky, ICDM 2008; Rendle et al., RecSys 2022): scores s = H·w with w folded in from a
 * history x, w = A⁻¹Σ_j x_j h_j, A = Σ_j x_j h_j h_jᵀ + a₀HᵀH + r·I (`factorise`). Users of the fit are
 * folded in like any other, so that only item factors are kept. An empty history, or an item that nobody has,
 * has embedding 0 and scores 0.
 */
export class IalsModel implements Recommender {
  readonly kind = 'ials';
  readonly lend: Sending['lend'];
  readonly transfer: Sending['transfer'];
  readonly #factors: FactorMatrix;
  readonly #solver: RowSolver;
  readonly #scorer: Scorer;
  readonly #cosines: Cosines;

  /** @param ready absent: a scorer over the factors, and their lengths */
  constructor(
    kernels: Kernels,
    private readonly artifact: IalsArtifact,
    ready?: { readonly scorer: Scorer; readonly lengths: Float32Array },
  ) {
    const { factors, base } = artifact;
    this.#factors = factors;
    this.#solver = new RowSolver(kernels, { factors, base });
    this.#scorer = ready?.scorer ?? new ItemScorer(kernels, { factors });
    this.#cosines = new Cosines(factors, this.#scorer, ready?.lengths);
    const share = () => ({ ...shareArtifact(artifact), lengths: this.#cosines.lengths });
    ({ lend: this.lend, transfer: this.transfer } = sending<SentParts>(this.kind, this.#scorer, share));
  }

  static restore({ lengths, scorer: sent, ...shared }: SentParts): IalsModel {
    const { kernels, scorer } = restoreScorer(sent);
    return new IalsModel(kernels, restoreArtifact(shared), { scorer, lengths });
  }

  get numItems(): number {
    return this.#factors.numRows;
  }

  /**
   * w, as the history has it or solved for.
   *
   * @throws DomainError `numerically-singular`, ShapeError on a weight below zero or an unknown item
   */
  embed(history: History): Float32Array {
    return history.embedding ?? this.#solve(likesOf(history));
  }

  scoreUser(history: History): Float32Array {
    return this.#scorer.scores({ embedding: this.embed(history) });
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    return this.#scorer.topK({ embedding: this.embed(history) }, k, { exclude: history.indices, ...options });
  }

  async recommendAll(
    compute: ComputeThreads,
    histories: CsrMatrix,
    k: number,
    { allowed }: RankingOptions = {},
  ): Promise<RankedRows> {
    const { base, penalty } = this.artifact;
    const factors = this.#factors.toDense();
    const likes = histories.withoutZeros();
    const ridge = ridgesOf(likes, penalty);
    const embeddings = await solveRows(compute, likes, { factors, base, ridge }).catch((error: unknown) => {
      throw explained(error, penalty);
    });
    return rankUsers(compute, { factors }, { histories, embeddings, allowed }, k);
  }

  /** Cosine of the items' factors; 0 where one of them is zero. */
  similarItems(itemIndex: number, k: number, options: RankingOptions = {}): RankedItems {
    return this.#cosines.rank(itemIndex, k, options.allowed);
  }

  /** x_j · h_iᵀA⁻¹h_j for each past item j (Hu, Koren & Volinsky 2008, eq. 7). */
  explain(history: History, itemIndex: number): Contribution[] {
    return this.#explainTowards(history, this.#factors.row(itemIndex));
  }

  explainMixture(history: History, weights: Float64Array): Contribution[] {
    return this.#explainTowards(history, Float32Array.from(mixRows(this.#factors, weights)));
  }

  relateMixture(weights: Float64Array): Float32Array {
    return this.#cosines.mix(weights);
  }

  /** x_j · vᵀA⁻¹h_j for each past item j. */
  #explainTowards(history: History, target: Float32Array): Contribution[] {
    const likes = likesOf(history);
    const towards = this.#solve(likes, target);
    return toContributions(
      likes.indices,
      (item, position) => likes.values[position]! * this.#factors.dotRow(item, towards),
    );
  }

  encode(): Uint8Array {
    return encodeIals(this.artifact);
  }

  /** Products of factors for each past item. */
  countSteps(history: History): number {
    return likesOf(history).indices.length * this.#factors.numCols ** 2;
  }

  /** A⁻¹Σ_j x_j h_j, or A⁻¹ times another right-hand side. */
  #solve(likes: History, right?: Float32Array): Float32Array {
    const { penalty } = this.artifact;
    try {
      return this.#solver.solve(likes, ridgeOf(likes.values, this.numItems, penalty), right);
    } catch (error) {
      throw explained(error, penalty);
    }
  }
}

/** An artifact whose arrays threads share. */
interface SharedArtifact extends Omit<IalsArtifact, 'factors' | 'base'> {
  readonly factors: StoredFactors;
  readonly base: SharedDense;
}

/** What `restore` makes a model of. */
interface SentParts extends SharedArtifact {
  readonly lengths: Float32Array;
  readonly scorer: SentScorer;
}

function shareArtifact({ factors, base, ...rest }: IalsArtifact): SharedArtifact {
  return { ...rest, factors: factors.share(), base: base.share() };
}

function restoreArtifact({ factors, base, ...rest }: SharedArtifact): IalsArtifact {
  return { ...rest, factors: FactorMatrix.of(factors), base: DenseMatrix.of(base) };
}

async function fit(
  matrix: CsrMatrix,
  parameters: IalsParameters,
  { seed, onProgress, compute = new ComputeThreads({ threads: 1 }) }: FitContext,
): Promise<TrainedModel> {
  const { kernels } = compute;
  const { items } = await factorise(matrix, parameters, { compute, seed, onProgress });
  const storedAs = (storage: StorageType) => {
    const factors = storeFactors(items, storage);
    const base = factorGramHere(kernels, factors.toDense(), parameters.unobservedWeight);
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
  fit: fitToLikes(fit),
  decode: (bytes: Uint8Array, memory?: MemoryKind) =>
    new IalsModel(loadKernels(undefined, memory), decodeIals(bytes)),
  restore: IalsModel.restore.bind(null),
} satisfies RecommenderKind<IalsParameters>;
