import type { ServedItem } from '@app/domain';
import type { ActiveModel } from '../serving/active-model.js';
import type { Bitmap } from '../serving/bitmap.js';
import { shortestFloat32 } from '../serving/float32.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import type { RecommendedItem } from './dto/recommendation.dto.js';
import { shortfall, type Shortfall, type StepCounts } from './shortfall.js';

/** What a list must be like, with external ids resolved to keys. */
export interface ListOptions {
  readonly k: number;
  readonly explain?: boolean;
  /** Keys that must not be answered, beside the history. */
  readonly exclude?: readonly number[];
  /** Keys that may be answered; absent: all. */
  readonly filter?: Bitmap | undefined;
  /** No item with a lower score. */
  readonly minScore?: number | undefined;
}

/** An item on its place, before its properties are written out. */
export interface RankedItem extends Pick<RecommendedItem, 'score' | 'source' | 'because'> {
  readonly item: ServedItem;
}

/** A finished list. */
export interface Ranking {
  readonly items: readonly RankedItem[];
  readonly reason: Shortfall | undefined;
  readonly modelId: string | null;
}

/** A list on its way: what is in it, what may still come, how much is missing. */
export class RankedList {
  readonly items: RankedItem[] = [];
  readonly #taken: Set<number>;
  readonly #minScore: number;

  /** @param seen keys that the list is made from, which are never answered */
  constructor(
    readonly catalog: ServingCatalog,
    readonly options: ListOptions,
    private readonly seen: Iterable<number>,
  ) {
    this.#taken = new Set([...seen, ...(options.exclude ?? [])]);
    // Scores are float32, and are written with the digits of a float32.
    this.#minScore = Math.fround(options.minScore ?? -Infinity);
  }

  get missing(): number {
    return this.options.k - this.items.length;
  }

  /** True when an item of this score may be answered. */
  admits(score: number): boolean {
    return score >= this.#minScore;
  }

  /** Mask of items that may still come, by index in the model. */
  allowed(active: ActiveModel): Uint8Array {
    const mask = active.allowed(this.catalog.items).slice();
    const { filter } = this.options;
    if (filter) mask.forEach((_, index) => !filter.has(active.keyOf(index)) && (mask[index] = 0));
    for (const key of this.#taken) {
      const index = active.indexOf(key);
      if (index >= 0) mask[index] = 0;
    }
    return mask;
  }

  add(itemKey: number, score: number, source: RankedItem['source'], because?: RankedItem['because']): void {
    const item = this.catalog.items.findByKey(itemKey);
    if (!item?.available || this.missing === 0 || !this.admits(score)) return;
    if (this.#taken.has(itemKey) || this.options.filter?.has(itemKey) === false) return;
    this.#taken.add(itemKey);
    this.items.push({ item, score: shortestFloat32(score), source, ...(because && { because }) });
  }

  /** @param counts what was left after steps that only the caller knows of */
  finish(active: ActiveModel | null, counts: StepCounts = {}): Ranking {
    const { items, options } = this;
    const reason =
      this.missing === 0
        ? undefined
        : shortfall(items.length, options.k, { ...this.#countSteps(), ...counts });
    return { items, reason, modelId: active?.model.id ?? null };
  }

  #countSteps(): StepCounts {
    const seen = new Set(this.seen);
    const { exclude = [], filter, minScore } = this.options;
    const excluded = new Set(exclude);
    const existing = [...this.catalog.items.availableKeys()];
    const unseen = existing.filter((key) => !seen.has(key));
    const wanted = unseen.filter((key) => !excluded.has(key));
    return {
      exist: existing.length,
      'left-unseen': unseen.length,
      'left-after-exclude': wanted.length,
      ...(filter && { 'left-after-filter': wanted.filter((key) => filter.has(key)).length }),
      ...(minScore !== undefined && { 'left-after-min-score': this.items.length }),
    };
  }
}
