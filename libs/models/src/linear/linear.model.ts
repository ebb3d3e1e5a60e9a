import {
  CsrMatrix,
  DenseMatrix,
  FactorMatrix,
  ItemScorer,
  loadKernels,
  lowerBound,
  rankUsers,
  type ComputeThreads,
  type CsrArrays,
  type ItemSide,
  type Kernels,
  type MemoryKind,
  type RankedRows,
  type Scorer,
  type StoredFactors,
  type UserSide,
} from '#sparse';
import type { FrameContent } from '../artifact/frame.js';
import { roundToStorage, storeFactors, type StorageType } from '../artifact/row-storage.js';
import { likesOf } from '../likes.js';
import { mixRows, toContributions } from '../mixture.js';
import type { Contribution, History, RankedItems, RankingOptions, Recommender } from '../recommender.js';
import { sending, restoreScorer, type SentScorer, type Sending } from '../sending.js';
import {
  decodeLinear,
  encodeLinear,
  type LinearArtifact,
  type LinearFormat,
  type LowRank,
} from './linear.codec.js';

/**
 * Scores s = x·W for a history x and item-to-item weights W = S + diag(a)·F·diag(w)·Fᵀ, sparse plus low rank,
 * whatever they were computed by. A user's embedding is e = w ∘ Σ_j x_j·a_j·F_j, so s = x·S + F·e.
 */
export class LinearModel implements Recommender {
  readonly lend: Sending['lend'];
  readonly transfer: Sending['transfer'];
  readonly #scorer: Scorer;

  /** @param scorer absent: one over the artifact */
  constructor(
    kernels: Kernels,
    private readonly format: LinearFormat,
    private readonly artifact: LinearArtifact,
    scorer?: Scorer,
  ) {
    this.#scorer = scorer ?? new ItemScorer(kernels, itemSideOf(artifact));
    let shared: SharedArtifact | undefined;
    const share = () => ({ artifact: (shared ??= shareArtifact(artifact)) });
    ({ lend: this.lend, transfer: this.transfer } = sending<SentParts>(this.kind, this.#scorer, share));
  }

  /** @throws DomainError `model-corrupt` */
  static decode(format: LinearFormat, bytes: Uint8Array, memory?: MemoryKind): LinearModel {
    return new LinearModel(loadKernels(undefined, memory), format, decodeLinear(format, bytes));
  }

  static restore(format: LinearFormat, { artifact, scorer: sent }: SentParts): LinearModel {
    const { kernels, scorer } = restoreScorer(sent);
    return new LinearModel(kernels, format, restoreArtifact(artifact), scorer);
  }

  get kind(): string {
    return this.format.name;
  }

  get numItems(): number {
    return this.artifact.weights.numCols;
  }

  /** Entries are summed by one kernel; products with factors are not. */
  get ranksAllAlike(): boolean {
    return this.artifact.lowRank === undefined;
  }

  scoreUser(history: History): Float32Array {
    return this.#scorer.scores(this.#userOf(history));
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    return this.#scorer.topK(this.#userOf(history), k, { exclude: history.indices, ...options });
  }

  recommendAll(
    compute: ComputeThreads,
    histories: CsrMatrix,
    k: number,
    { allowed }: RankingOptions = {},
  ): Promise<RankedRows> {
    const { weights, lowRank } = this.artifact;
    const items = { rows: weights, factors: lowRank?.factors.toDense() };
    const embeddings = lowRank && embedAll(lowRank, histories);
    return rankUsers(compute, items, { histories, embeddings, allowed }, k);
  }

  /** Row j of W: how much item j in a history speaks for each other item. */
  similarItems(itemIndex: number, k: number, options: RankingOptions = {}): RankedItems {
    return this.recommend({ indices: Uint32Array.of(itemIndex), values: Float32Array.of(1) }, k, options);
  }

  /** x_j·W_jk for each past item j that has a part in item k's score. */
  explain(history: History, itemIndex: number): Contribution[] {
    const { indices, values } = likesOf(history);
    const { weights, lowRank } = this.artifact;
    const lowRankPart = lowRank ? partsTowards(lowRank, lowRank.factors.row(itemIndex)) : noPart;
    return toContributions(
      indices,
      (item, position) => values[position]! * (entryAt(weights, item, itemIndex) + lowRankPart(item)),
    );
  }

  /** x_j·(W·w)_j for each past item j. */
  explainMixture(history: History, weights: Float64Array): Contribution[] {
    const { indices, values } = likesOf(history);
    const { lowRank } = this.artifact;
    const lowRankPart = lowRank ? partsTowards(lowRank, mixRows(lowRank.factors, weights)) : noPart;
    return toContributions(indices, (item, position) => {
      const row = this.artifact.weights.row(item);
      const sparse = row.indices.reduce((sum, k, at) => sum + row.values[at]! * weights[k]!, 0);
      return values[position]! * (sparse + lowRankPart(item));
    });
  }

  relateMixture(weights: Float64Array): Float32Array {
    const indices = Uint32Array.from(weights.keys()).filter((item) => weights[item] !== 0);
    return this.scoreUser({ indices, values: Float32Array.from(indices, (item) => weights[item]!) });
  }

  encode(): Uint8Array {
    return encodeLinear(this.format, this.artifact);
  }

  /** Entries of S, and factors, of the past items. */
  countSteps(history: History): number {
    const { indices } = likesOf(history);
    const { weights, lowRank } = this.artifact;
    const rank = lowRank?.factors.numCols ?? 0;
    return indices.reduce((sum, item) => sum + weights.indptr[item + 1]! - weights.indptr[item]! + rank, 0);
  }

  #userOf(history: History): UserSide {
    const { lowRank } = this.artifact;
    const likes = likesOf(history);
    return { history: likes, embedding: lowRank && embed(lowRank, likes) };
  }
}

/** An artifact whose arrays threads share. */
interface SharedArtifact extends Omit<LinearArtifact, 'weights' | 'lowRank'> {
  readonly weights: CsrArrays;
  readonly lowRank: (Omit<LowRank, 'factors'> & { readonly factors: StoredFactors }) | undefined;
}

/** What `restore` makes a model of. */
interface SentParts {
  readonly artifact: SharedArtifact;
  readonly scorer: SentScorer;
}

function itemSideOf({ weights, lowRank }: LinearArtifact): ItemSide {
  return { rows: weights, factors: lowRank?.factors };
}

function shareArtifact({ weights, lowRank, ...rest }: LinearArtifact): SharedArtifact {
  return {
    ...rest,
    weights: weights.share(),
    lowRank: lowRank && { ...lowRank, factors: lowRank.factors.share() },
  };
}

function restoreArtifact({ weights, lowRank, ...rest }: SharedArtifact): LinearArtifact {
  return {
    ...rest,
    weights: CsrMatrix.ofChecked(weights),
    lowRank: lowRank && { ...lowRank, factors: FactorMatrix.of(lowRank.factors) },
  };
}

/** e = w ∘ Σ_j x_j·a_j·F_j */
export function embed({ factors, entry, weights }: LowRank, { indices, values }: History): Float32Array {
  const sums = new Float64Array(factors.numCols);
  indices.forEach((item, position) => factors.addRow(item, values[position]! * entry[item]!, sums));
  return Float32Array.from(sums, (sum, f) => sum * weights[f]!);
}

/** The embedding of each row. */
export function embedAll(lowRank: LowRank, histories: CsrMatrix): DenseMatrix {
  const embeddings = DenseMatrix.zeros(histories.numRows, lowRank.factors.numCols);
  for (let user = 0; user < histories.numRows; user++)
    embeddings.row(user).set(embed(lowRank, histories.row(user)));
  return embeddings;
}

/** (diag(a)·F·diag(w)·t)_j for each item j */
function partsTowards({ factors, entry, weights }: LowRank, towards: ArrayLike<number>) {
  const target = Float64Array.from(towards, (value, f) => value * weights[f]!);
  return (item: number): number => entry[item]! * factors.dotRow(item, target);
}

function noPart(): number {
  return 0;
}

function entryAt(matrix: CsrMatrix, row: number, column: number): number {
  const { indices, values } = matrix.row(row);
  const place = lowerBound(0, indices.length, (at) => indices[at]! < column);
  return indices[place] === column ? values[place]! : 0;
}

/** Makes the model of exact weights in any storage type. */
export function storedModels(
  kernels: Kernels,
  format: LinearFormat,
  { weights, lowRank }: Pick<LinearArtifact, 'weights' | 'lowRank'>,
  provenance: FrameContent['fields'] = {},
): (storage: StorageType) => LinearModel {
  return (storage) =>
    new LinearModel(kernels, format, {
      weights: roundToStorage(weights, storage),
      lowRank: lowRank && { ...lowRank, factors: storeFactors(lowRank.factors.toDense(), storage) },
      storage,
      provenance: { kernel: kernels.name, ...provenance },
    });
}
