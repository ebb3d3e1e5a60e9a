import {
  ComputeThreads,
  DenseMatrix,
  FactorMatrix,
  ItemScorer,
  Kernels,
  loadKernels,
  ShapeError,
  type CsrMatrix,
  type MemoryKind,
  type Scorer,
  type StoredFactors,
} from '#sparse';
import { storeFactors, type StorageType } from '../artifact/row-storage.js';
import { Cosines } from '../cosines.js';
import { evaluate } from '../evaluation/evaluate.js';
import { fitToLikes, likesOf } from '../likes.js';
import { mixRows, toContributions } from '../mixture.js';
import type {
  BatchRanker,
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
import type { TrainedEmbeddings } from './fold-in.js';
import { decodeLightgcl, encodeLightgcl, type LightgclArtifact } from './lightgcl.codec.js';
import { estimateLightgcl } from './lightgcl.cost.js';
import { lightgclParameters, lightgclSearchSpace, type LightgclParameters } from './lightgcl.params.js';
import { trainLightgcl } from './lightgcl.trainer.js';

/**
 * LightGCL (Cai et al., ICLR 2023): score e_u·e_i of embeddings that a graph of users and items spreads. A
 * history is folded in by e_u = Σ_{j∈u} K_j / √d_u over its d_u likes (see `foldInKeys`); how large their
 * values are plays no part, as in training.
 */
export class LightgclModel implements Recommender {
  readonly kind = 'lightgcl';
  readonly lend: Sending['lend'];
  readonly transfer: Sending['transfer'];
  readonly #items: FactorMatrix;
  readonly #keys: FactorMatrix;
  readonly #scorer: Scorer;
  readonly #cosines: Cosines;

  /** @param ready absent: a scorer over E, and the lengths of its rows */
  constructor(
    kernels: Kernels,
    private readonly artifact: LightgclArtifact,
    ready?: { readonly scorer: Scorer; readonly lengths: Float32Array },
  ) {
    const { factors, numItems } = artifact;
    this.#items = factors.rows(0, numItems);
    this.#keys = factors.rows(numItems, 2 * numItems);
    this.#scorer = ready?.scorer ?? new ItemScorer(kernels, { factors: this.#items });
    this.#cosines = new Cosines(this.#items, this.#scorer, ready?.lengths);
    const share = () => ({ ...artifact, factors: factors.share(), lengths: this.#cosines.lengths });
    ({ lend: this.lend, transfer: this.transfer } = sending<SentParts>(this.kind, this.#scorer, share));
  }

  static restore({ factors, lengths, scorer: sent, ...rest }: SentParts): LightgclModel {
    const { kernels, scorer } = restoreScorer(sent);
    return new LightgclModel(kernels, { ...rest, factors: FactorMatrix.of(factors) }, { scorer, lengths });
  }

  get numItems(): number {
    return this.artifact.numItems;
  }

  scoreUser(history: History): Float32Array {
    return this.#scorer.scores({ embedding: this.#embed(history) });
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    const embedding = this.#embed(history);
    return this.#scorer.topK({ embedding }, k, { exclude: history.indices, ...options });
  }

  /** Cosine of the items' embeddings. */
  similarItems(itemIndex: number, k: number, options: RankingOptions = {}): RankedItems {
    return this.#cosines.rank(itemIndex, k, options.allowed);
  }

  /** K_j·e_i / √d_u for each past item j. */
  explain(history: History, itemIndex: number): Contribution[] {
    return this.#explainTowards(history, this.#items.row(itemIndex));
  }

  explainMixture(history: History, weights: Float64Array): Contribution[] {
    return this.#explainTowards(history, mixRows(this.#items, weights));
  }

  relateMixture(weights: Float64Array): Float32Array {
    return this.#cosines.mix(weights);
  }

  #explainTowards(history: History, target: ArrayLike<number>): Contribution[] {
    const { indices } = likesOf(history);
    const scale = 1 / Math.sqrt(Math.max(1, indices.length));
    return toContributions(indices, (past) => scale * this.#keys.dotRow(past, target));
  }

  encode(): Uint8Array {
    return encodeLightgcl(this.artifact);
  }

  /** Keys of the past items. */
  countSteps(history: History): number {
    return likesOf(history).indices.length * this.#keys.numCols;
  }

  #embed(history: History): Float32Array {
    const { indices } = likesOf(history);
    const sums = new Float64Array(this.#keys.numCols);
    for (const item of indices) this.#keys.addRow(item, 1, sums);
    const scale = 1 / Math.sqrt(Math.max(1, indices.length));
    return Float32Array.from(sums, (sum) => sum * scale);
  }
}

/** What `restore` makes a model of: an artifact whose arrays threads share, and lengths of the rows of E. */
interface SentParts extends Omit<LightgclArtifact, 'factors'> {
  readonly factors: StoredFactors;
  readonly lengths: Float32Array;
  readonly scorer: SentScorer;
}

/** E and K, one below the other. */
function stackFactors({ items, keys }: TrainedEmbeddings): DenseMatrix {
  const both = DenseMatrix.zeros(2 * items.numRows, items.numCols);
  both.values.set(items.values);
  both.values.set(keys.values, items.values.length);
  return both;
}

/** Ranks the users of the training matrix by their own embeddings instead of folding them in. */
function rankTrained(kernels: Kernels, { users, items }: TrainedEmbeddings): BatchRanker {
  return (histories: CsrMatrix, k: number) => {
    if (histories.numRows !== users.numRows) throw new ShapeError('one row a trained user is needed');
    const scorer = new ItemScorer(kernels, { factors: items });
    const [columns, scores] = [new Uint32Array(users.numRows * k), new Float32Array(users.numRows * k)];
    const counts = Uint32Array.from({ length: users.numRows }, (_, user) => {
      const exclude = histories.row(user).indices;
      const ranked = scorer.topK({ embedding: users.row(user) }, k, { exclude });
      columns.set(ranked.indices, user * k);
      scores.set(ranked.scores, user * k);
      return ranked.indices.length;
    });
    return Promise.resolve({ k, columns, scores, counts });
  };
}

const VALIDATION_K = 20;

async function fit(
  matrix: CsrMatrix,
  parameters: LightgclParameters,
  context: FitContext,
): Promise<TrainedModel> {
  const compute = context.compute ?? new ComputeThreads({ threads: 1 });
  const { kernels } = compute;
  const model = (embeddings: TrainedEmbeddings, storage: StorageType) =>
    new LightgclModel(kernels, {
      numItems: matrix.numCols,
      factors: storeFactors(stackFactors(embeddings), storage),
      storage,
      kernel: kernels.name,
    });
  const trained = await trainLightgcl(matrix, parameters, {
    ...context,
    compute,
    validate: (embeddings, train, test) =>
      evaluate(model(embeddings, 'f32'), { train, test }, { ks: [VALIDATION_K], seed: context.seed }).metrics[
        `ndcg@${VALIDATION_K}`
      ]?.mean ?? 0,
  });
  const storedAs = (storage: StorageType) => model(trained, storage);
  return {
    recommender: storedAs(parameters.storage),
    kernel: kernels.name,
    storedAs,
    rankUnpruned: rankTrained(kernels, trained),
  };
}

export const lightgcl = {
  kind: 'lightgcl',
  description:
    'Embeddings spread over the graph of users and items, with a contrastive view from its SVD (Cai et al., ICLR 2023).',
  parameters: lightgclParameters,
  searchSpace: lightgclSearchSpace,
  estimate: estimateLightgcl,
  fit: fitToLikes(fit),
  decode: (bytes: Uint8Array, memory?: MemoryKind) =>
    new LightgclModel(loadKernels(undefined, memory), decodeLightgcl(bytes)),
  restore: LightgclModel.restore.bind(null),
} satisfies RecommenderKind<LightgclParameters>;
