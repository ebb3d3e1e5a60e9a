import { type CacheCounts, DomainError, sortEntries, type Model } from '#domain';
import {
  Closeness,
  type History as FoldInHistory,
  type KernelTimes,
  type RankedItems,
  type ServedModel,
  type SparseVector,
} from '#models';
import type { KeyedHistory, CachedHistory } from '../histories/cached-history.js';
import type { CatalogItems } from '../items/catalog-items.js';
import { DirectCalls, type ModelCalls } from './model-calls.js';
import { ModelCounts } from './model-counts.js';

/** How many of the best items are cached. */
export const CACHED_ITEMS = 256;

/** The item side of a catalog's active model, ready to answer. */
export class ActiveModel {
  readonly #indexOfKey: Int32Array;
  #allowed: Uint8Array<ArrayBuffer> = new Uint8Array();
  #allowedRevision = -1;
  #closeness: Closeness | null = null;
  #calls: DirectCalls | null = null;
  readonly #modelHistories = new WeakMap<object, ModelHistory>();

  /**
   * @param times absent: whatever is asked of the model takes no time worth mentioning
   * @param counts of all models of its kind
   */
  constructor(
    readonly model: Model,
    readonly served: ServedModel,
    readonly times?: KernelTimes,
    private readonly counts = new ModelCounts(),
  ) {
    this.#indexOfKey = indicesByKey(served.itemKeys);
  }

  /** Bytes of what is cached beside the model. */
  get sizeBytes(): number {
    const arrays = [this.served.itemKeys, this.#indexOfKey, this.#allowed, this.#closeness?.values];
    return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
  }

  keyOf(itemIndex: number): number {
    return this.served.itemKeys[itemIndex]!;
  }

  /** Of a user's, where the model has one that is worth keeping. */
  get embeddingLength(): number {
    return this.served.recommender.embed?.(this.toHistory(new Int32Array(), new Float32Array())).length ?? 0;
  }

  /** -1 for an item that the model has never seen. */
  indexOf(itemKey: number): number {
    return this.#indexOfKey[itemKey] ?? -1;
  }

  /** Where an item stands among items of equal score: those of the model in its order, then others by key. */
  placeOf(itemKey: number): number {
    const index = this.indexOf(itemKey);
    return index >= 0 ? index : this.served.itemKeys.length + itemKey;
  }

  /**
   * A history in the order of the model's items, whatever order their keys have. Items that the model does
   * not know drop out, and so do items of value 0: nothing is personal about a user who has seen items and
   * liked none.
   */
  toHistory(itemKeys: Int32Array, values: Float32Array): SparseVector {
    const [indices, weights] = [new Uint32Array(itemKeys.length), new Float32Array(itemKeys.length)];
    let length = 0;
    for (let place = 0; place < itemKeys.length; place++) {
      const index = this.indexOf(itemKeys[place]!);
      if (index < 0 || values[place] === 0) continue;
      indices[length] = index;
      weights[length++] = values[place]!;
    }
    sortEntries(indices, weights, 0, length);
    return { indices: indices.slice(0, length), values: weights.slice(0, length) };
  }

  /** False when this model has an embedding for the user that it was not asked for yet. */
  hasEmbedded({ embedding }: CachedHistory): boolean {
    return !this.served.recommender.embed || embedding?.modelId === this.model.id;
  }

  /** A user with the embedding that this model folds in; as given where it has none, or has it already. */
  embedded(history: CachedHistory): CachedHistory {
    const { recommender } = this.served;
    if (!recommender.embed || this.hasEmbedded(history)) return history;
    try {
      const values = recommender.embed(this.#fold(history));
      return { ...history, embedding: { modelId: this.model.id, values } };
    } catch (error) {
      // The call for a list says so, and nothing else of the user is lost.
      if (error instanceof DomainError) return history;
      throw error;
    }
  }

  /** The history in this model's terms, cached for as long as the history itself is. */
  inModel(history: KeyedHistory): ModelHistory {
    const cached = this.#modelHistories.get(history);
    if (cached) return cached;
    const folded = this.#fold(history);
    const { alsoSeen } = history;
    // The best of all are outside of the history, where some of it may be answered again.
    const size = history.repeatable ? 0 : CACHED_ITEMS;
    const allowed = alsoSeen && (() => this.#without(alsoSeen));
    const fresh = new ModelHistory(folded, size, allowed, this.counts.bestItems);
    this.counts.foldIns++;
    this.#modelHistories.set(history, fresh);
    return fresh;
  }

  /** One byte an item: 0 for these. */
  #without(itemKeys: Int32Array): Uint8Array {
    const allowed = new Uint8Array(this.served.itemKeys.length).fill(1);
    for (const key of itemKeys) if (this.indexOf(key) >= 0) allowed[this.indexOf(key)] = 0;
    return allowed;
  }

  #fold({ itemKeys, values, embedding }: KeyedHistory): FoldInHistory {
    const isOwn = embedding?.modelId === this.model.id;
    return { ...this.toHistory(itemKeys, values), embedding: isOwn ? embedding.values : undefined };
  }

  /** One byte an item: 1 where it is available. Not to be changed. */
  allowed(items: CatalogItems): Uint8Array {
    if (this.#allowedRevision !== items.revision) {
      const allowed = new Uint8Array(this.served.itemKeys.length);
      // By key, as items lie in memory.
      this.#indexOfKey.forEach((index, key) => {
        if (index >= 0 && items.isAvailable(key)) allowed[index] = 1;
      });
      this.#allowed = allowed;
      this.#allowedRevision = items.revision;
    }
    return this.#allowed;
  }

  get closeness(): Closeness {
    return (this.#closeness ??= Closeness.of(this.served.recommender));
  }

  /** Asks the model at once, on the event loop. */
  get calls(): DirectCalls {
    return (this.#calls ??= new DirectCalls(this.served.recommender, this.closeness));
  }
}

/** -1 for a key that is not there. */
function indicesByKey(itemKeys: Int32Array): Int32Array {
  let largest = -1;
  for (let index = 0; index < itemKeys.length; index++) largest = Math.max(largest, itemKeys[index]!);
  const indices = new Int32Array(largest + 1).fill(-1);
  for (let index = 0; index < itemKeys.length; index++) indices[itemKeys[index]!] = index;
  return indices;
}

/** The best items for a history, whether they may be answered or not. */
export interface BestOfAll extends RankedItems {
  /** There are no others outside of what was seen. */
  readonly isWhole: boolean;
}

/** A history in a model's terms, with the best items of all for it once they were asked for a second time. */
export class ModelHistory {
  #wasAsked = false;
  #scoringMs: number | undefined;
  #best: BestOfAll | null = null;

  /**
   * @param size 0: none are cached
   * @param allowed makes one byte an item, 0 for those that are never answered beside the history;
   * absent: all may be
   */
  constructor(
    readonly history: FoldInHistory,
    private readonly size = CACHED_ITEMS,
    private readonly allowed?: () => Uint8Array,
    private readonly counts?: CacheCounts,
  ) {}

  /** How long it takes to score all items for it, and to choose k of them. */
  scoringMs(times: KernelTimes, k: number): number {
    return (this.#scoringMs ??= times.scoringMs(this.history)) + times.placesMs(k);
  }

  /** True when some of it may be answered again. */
  get isRepeatable(): boolean {
    return this.size === 0;
  }

  /** Null until it was asked for a second time, since most histories are asked about once. */
  get cachedBest(): BestOfAll | null {
    return this.#best;
  }

  /** @returns null the first time */
  async best(calls: ModelCalls): Promise<BestOfAll | null> {
    this.counts?.note(this.#best !== null);
    if (this.#wasAsked && this.size > 0) this.#best ??= await this.#rank(calls);
    this.#wasAsked = true;
    return this.#best;
  }

  async #rank(calls: ModelCalls): Promise<BestOfAll> {
    const { indices, scores } = await calls.recommend(this.history, this.size, this.allowed?.());
    return { indices, scores, isWhole: indices.length < this.size };
  }
}
