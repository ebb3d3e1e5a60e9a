import type { SparseVector } from '#models';
import type { ServingCatalog } from '../catalog.js';
import type { KeyedHistory } from '../histories/cached-history.js';
import type { Bitmap } from '../items/bitmap.js';
import type { ActiveModel } from '../models/active-model.js';
import type { ModelCalls } from '../models/model-calls.js';
import type { Boost } from './boost.js';
import type { Candidate, Pin, RankedItem, Ranking } from './list.js';
import type { Rotation } from './rotation.js';
import { shortfall, type StepCounts } from './shortfall.js';

/** What a list must be like, with external ids resolved to keys. */
export interface ListOptions {
  readonly k: number;
  readonly explain?: boolean;
  /** Keys that must not be answered, beside the history. */
  readonly exclude?: readonly number[];
  /** Keys that may be answered; absent: all. */
  readonly filter?: Bitmap | undefined;
  /** What the score of each item becomes; absent: it stays. */
  readonly boost?: Boost | undefined;
  /** From 0, the best items whatever they are, to 1, as unlike one another as possible. */
  readonly diversity?: number | undefined;
  /** What was shown lately; absent: nothing ranks lower for that. */
  readonly rotation?: Rotation | undefined;
  /** Items on places of their own, which only have to be available. */
  readonly pins?: readonly Pin[];
  /** No item with a lower score. */
  readonly minScore?: number | undefined;
}

/** A list on its way: what is in it, what may still come, how much is missing. */
export class RankedList {
  readonly items: RankedItem[] = [];
  /** Those that can be placed, by position. */
  readonly pins: readonly Pin[];
  #unplaced: number;
  #calls: ModelCalls | undefined;
  #scores: ReturnType<ModelCalls['scoreUser']> | undefined;
  /** What was found among the best items of all for this many candidates. */
  cached: { readonly size: number; readonly candidates: Candidate[] | null } | undefined;
  readonly #taken: Set<number>;
  readonly #minScore: number;

  /** @param seen ascending keys that the list is made from, which are never answered */
  constructor(
    readonly catalog: ServingCatalog,
    readonly options: ListOptions,
    private readonly seen: Int32Array,
  ) {
    this.#calls = catalog.active?.calls;
    this.pins = (options.pins ?? [])
      .filter(({ itemKey }) => catalog.items.isAvailable(itemKey))
      .sort((a, b) => a.position - b.position);
    this.#unplaced = this.pins.length;
    this.#taken = new Set(options.exclude);
    for (const { itemKey } of this.pins) this.#taken.add(itemKey);
    // Scores are float32, and are written with the digits of a float32.
    this.#minScore = Math.fround(options.minScore ?? -Infinity);
  }

  /** Who answers for the active model: the event loop, unless it was told otherwise. */
  get calls(): ModelCalls {
    if (!this.#calls) throw new Error('There is no model to ask');
    return this.#calls;
  }

  set calls(calls: ModelCalls) {
    this.#calls = calls;
  }

  /** The model's scores of all items for the history that the list is made for, asked for once. */
  scoresOf(history: SparseVector): ReturnType<ModelCalls['scoreUser']> {
    return (this.#scores ??= this.calls.scoreUser(history));
  }

  get missing(): number {
    return this.options.k - this.items.length - this.#unplaced;
  }

  /** True when an item of this score may be answered. */
  admits(score: number): boolean {
    return score >= this.#minScore;
  }

  /** True when an item may still come, whatever its score. */
  isOpen(itemKey: number): boolean {
    return (
      this.catalog.items.isAvailable(itemKey) &&
      !this.#taken.has(itemKey) &&
      !includes(this.seen, itemKey) &&
      this.options.filter?.has(itemKey) !== false
    );
  }

  /** Where an item stands among those of equal score; without a model, the one that came first does. */
  placeOf(itemKey: number): number {
    return this.catalog.active?.placeOf(itemKey) ?? itemKey;
  }

  /** Mask of items that may still come, by index in the model. */
  allowed(active: ActiveModel): Uint8Array {
    const mask = active.allowed(this.catalog.items).slice();
    const { filter } = this.options;
    if (filter)
      for (let index = 0; index < mask.length; index++)
        if (mask[index] !== 0 && !filter.has(active.keyOf(index))) mask[index] = 0;
    const close = (key: number) => {
      const index = active.indexOf(key);
      if (index >= 0) mask[index] = 0;
    };
    this.seen.forEach(close);
    this.#taken.forEach(close);
    return mask;
  }

  /** Takes candidates, which were open when they were found, in their order until it is full. */
  add(candidates: readonly Candidate[]): void {
    const { items, catalog } = this;
    const from = items.length;
    for (let at = 0; at < candidates.length && this.missing > 0; at++) {
      const { itemKey, score, source, baseScore } = candidates[at]!;
      const item = catalog.items.findByKey(itemKey);
      if (item?.available && this.admits(score)) items.push({ itemKey, score, source, baseScore, item });
    }
    // Nobody asks a full list what may still come.
    if (this.missing > 0) for (const { itemKey } of items.slice(from)) this.#taken.add(itemKey);
  }

  /** Puts a pin on its place, or at the end of a list that does not reach it. By ascending position. */
  place({ position }: Pin, candidate: Candidate): void {
    this.#unplaced--;
    const item = this.catalog.items.findByKey(candidate.itemKey);
    if (item?.available) this.items.splice(position - 1, 0, { ...candidate, item });
  }

  /** @param counts what was left after steps that only the caller knows of */
  finish(counts: StepCounts = {}): Ranking {
    const { items, options, missing } = this;
    const reason =
      missing > 0 ? shortfall(items.length, options.k, { ...this.#countSteps(), ...counts }) : undefined;
    return { items, reason };
  }

  #countSteps(): StepCounts {
    const { exclude = [], filter, minScore } = this.options;
    const [seen, excluded] = [new Set(this.seen), new Set(exclude)];
    const pinned = new Set(this.pins.map(({ itemKey }) => itemKey));
    const existing = [...this.catalog.items.availableKeys()];
    const unseen = existing.filter((key) => pinned.has(key) || !seen.has(key));
    const wanted = unseen.filter((key) => pinned.has(key) || !excluded.has(key));
    const meant = wanted.filter((key) => pinned.has(key) || filter?.has(key) !== false);
    return {
      exist: existing.length,
      'left-unseen': unseen.length,
      'left-after-exclude': wanted.length,
      ...(filter && { 'left-after-filter': meant.length }),
      ...(minScore !== undefined && { 'left-after-min-score': this.items.length }),
    };
  }
}

/** @param keys ascending */
function includes(keys: Int32Array, key: number): boolean {
  // Asked for every candidate, where a call for each comparison would count.
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key;
}

/** Keys that must not be answered, ascending. */
export function seenKeys({ itemKeys, repeatable, alsoSeen }: KeyedHistory): Int32Array {
  const seen = repeatable ? withoutKeys(itemKeys, repeatable) : itemKeys;
  return alsoSeen ? merged(seen, alsoSeen) : seen;
}

function withoutKeys(itemKeys: Int32Array, keys: Int32Array): Int32Array {
  const open = new Set(keys);
  return itemKeys.filter((key) => !open.has(key));
}

function merged(some: Int32Array, others: Int32Array): Int32Array {
  const all = new Int32Array(some.length + others.length);
  all.set(some);
  all.set(others, some.length);
  return all.sort();
}
