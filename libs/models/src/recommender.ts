import type { z } from 'zod';
import type { ModelParameters } from '#domain';
import type {
  ComputeThreads,
  CsrMatrix,
  Lending,
  MemoryKind,
  RankedRows,
  solveBlocks,
  SparseVector,
} from '#sparse';
import type { StorageType } from './artifact/row-storage.js';

/**
 * Items a user has interacted with: ascending `itemIndex`, each with its value x_ui. Empty is
 * allowed. An item of value 0 was seen and not liked: it is not recommended, and changes nothing else
 * that a model answers.
 */
export interface History extends SparseVector {
  /** What this model's `embed` has given for these items before; it is taken instead of folding in again. */
  readonly embedding?: Float32Array | undefined;
}

/** A ranked list: descending score, ties to the lower `itemIndex`; `indices[r]` has `scores[r]`. */
export interface RankedItems {
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
}

/** One past item's part of a score; the parts of an explanation sum to the score. */
export interface Contribution {
  readonly itemIndex: number;
  readonly part: number;
}

/** Which items may be answered. The history itself is never recommended. */
export interface RankingOptions {
  /** One byte an item, 1 = allowed; absent = all. */
  readonly allowed?: Uint8Array;
}

/** Cost stated before a fit. */
export interface FitEstimate {
  readonly peakBytes: number;
  readonly flops: number;
  readonly artifactBytes: number;
  /** What a worker holds besides that solves blocks of a run, which it does apart from the fit. */
  readonly flowBytes?: number;
}

/** Size of a user-item matrix, enough for an estimate. */
export interface MatrixShape {
  readonly numUsers: number;
  readonly numItems: number;
  readonly nnz: number;
}

/** Parts of fits by name; it may forget. */
export interface FitCache {
  get(name: string): object | undefined;
  set(name: string, part: object): unknown;
}

/** One epoch of a model that is trained in epochs. */
export interface EpochReport {
  readonly phase: string;
  readonly epoch: number;
  readonly loss: number;
  /** On the validation part, in the epochs that measure it. */
  readonly validation?: number;
  readonly durationMs: number;
}

/** Where an interrupted fit left its state, and may go on. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | null>;
  /** Whether it is time to save again; asked after every epoch. */
  isDue(): boolean;
  save(bytes: Uint8Array): Promise<void>;
}

/** Solves blocks as `solveBlocks` does, by whomever. */
export type BlockSolver = typeof solveBlocks;

export interface FitContext {
  readonly seed: number;
  /** Called with a share from 0 to 1, never falling. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** What fits on the same matrix may share; whoever tries several parameters gives it. */
  readonly cache?: FitCache | undefined;
  /** Absent: the caller's thread alone. */
  readonly compute?: ComputeThreads;
  readonly onEpoch?: ((report: EpochReport) => void) | undefined;
  /** Absent: an interrupted fit starts anew. */
  readonly checkpoint?: CheckpointStore | undefined;
  /** Absent: `compute` solves blocks too. */
  readonly solveBlocks?: BlockSolver | undefined;
}

/** A model on its way to another thread, lent or transferred, in memory that both share. */
export interface SentModel {
  readonly kind: string;
  /** What the kind's `restore` understands. */
  readonly parts: unknown;
}

/** A fitted model: everything it answers needs only a history (fold-in), no trained user. */
export interface Recommender {
  readonly kind: string;
  readonly numItems: number;
  /** Scores of all items, length `numItems`, float32. */
  scoreUser(history: History): Float32Array;
  /** The k best allowed items outside the history; fewer only when fewer exist. */
  recommend(history: History, k: number, options?: RankingOptions): RankedItems;
  /**
   * What `recommend` answers for each row of histories, by all compute threads; absent where one
   * thread is fast enough.
   */
  recommendAll?(
    compute: ComputeThreads,
    histories: CsrMatrix,
    k: number,
    options?: RankingOptions,
  ): Promise<RankedRows>;
  /** Whether `recommendAll` answers what `recommend` does, to the bit; absent: sums have another order. */
  readonly ranksAllAlike?: boolean;
  /** Items most related to one item, without itself, by the model's own measure. */
  similarItems(itemIndex: number, k: number, options?: RankingOptions): RankedItems;
  /**
   * Parts by past item, largest magnitude first; their sum equals
   * `scoreUser(history)[itemIndex]` within 1e-5 relative.
   */
  explain(history: History, itemIndex: number): Contribution[];
  /**
   * Σ_k w_k of the parts of item k's score, for one weight w_k an item: the parts of the score of
   * a mixture of items.
   */
  explainMixture(history: History, weights: Float64Array): Contribution[];
  /**
   * Σ_j w_j·r_j, one number an item, with r_j how much each item is related to item j, itself
   * included, as in `similarItems`.
   */
  relateMixture(weights: Float64Array): Float32Array;
  /**
   * The user's embedding by fold-in, where that is dearer than reading one: scores are its products
   * with the items' embeddings.
   */
  embed?(history: History): Float32Array;
  /** Versioned and checksummed; `decode(encode())` answers bit-identically. */
  encode(): Uint8Array;
  /**
   * Steps that scoring takes for the sake of this history, beside those that it takes for any: its
   * time grows in proportion.
   */
  countSteps(history: History): number;
  /**
   * Lends the model to one other thread, which answers bit-identically; absent where one thread
   * is always fast enough.
   *
   * @param longestHistory most items that a history will have there
   * @throws ShapeError when it was not decoded into shared memory
   */
  lend?(longestHistory: number): Lending<SentModel>;
  /**
   * Hands the model over to another thread, which answers bit-identically; it must not be used here any more.
   *
   * @throws ShapeError when it was not decoded into shared memory
   */
  transfer(): SentModel;
}

/** The k best items of each row of a matrix of histories, outside of the history. */
export type BatchRanker = (histories: CsrMatrix, k: number) => Promise<RankedRows>;

/** What a fit gives. */
export interface TrainedModel {
  readonly recommender: Recommender;
  /** The WebAssembly build that computed it, or `none`. */
  readonly kernel: string;
  /**
   * Ranks by the model before it was pruned for serving, where it is; works as long as
   * the compute threads do.
   */
  readonly rankUnpruned?: BatchRanker;
  /** The served model in another storage type, where it has one. */
  readonly storedAs?: (type: StorageType) => Recommender;
  /** How far the computed solution misses its equation, where that is checked. */
  readonly residual?: number;
}

/**
 * Values of a parameter that tuning tries, ascending, and the one it starts from; a choice has a
 * space for each value.
 */
export interface SearchAxis {
  readonly values: readonly (number | string)[];
  readonly start: number | string;
  /**
   * Parameters of which less makes up for more of this one: weighing users less leaves a smaller Gram matrix,
   * which wants a smaller λ.
   */
  readonly tradesWith?: readonly string[];
  /** Given parameters without which this one changes nothing, so that only its start is taken. */
  readonly onlyWith?: ModelParameters;
}

/** What tuning may change, by parameter. */
export interface SearchSpace {
  readonly [parameter: string]: SearchAxis;
}

/** What the registry knows of one kind of model. CONTRIBUTING.md says how to add one. */
export interface RecommenderKind<Params extends ModelParameters = ModelParameters> {
  readonly kind: string;
  readonly description: string;
  /** Strict: unknown or out-of-range parameters are refused by name; defaults fill the rest. */
  readonly parameters: z.ZodType<Params>;
  /** What tuning may change, in one space or in several that exclude each other; absent: nothing. */
  readonly searchSpace?: SearchSpace | readonly SearchSpace[];
  estimate(shape: MatrixShape, parameters: Params, threads: number): FitEstimate;
  /** Entries of value 0 change nothing. */
  fit(matrix: CsrMatrix, parameters: Params, context: FitContext): Promise<TrainedModel>;
  /**
   * Without a copy where the bytes allow it; `shared` lets other threads be lent the model.
   *
   * @throws DomainError `model-corrupt` when the checksum or the version is not right
   */
  decode(bytes: Uint8Array, memory?: MemoryKind): Recommender;
  /** The model that another thread has transferred, or has lent, for the time of the lending. */
  restore(parts: never): Recommender;
}
