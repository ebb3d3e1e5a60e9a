import type { History, RankedItems } from '#models';
import type { ModelCalls } from '../scoring/model-calls.js';

/** How many of the best items are kept. */
export const RECALLED_ITEMS = 256;

/** The best items for a history, whether they may be answered or not. */
export interface BestOfAll extends RankedItems {
  /** There are no others outside of what was seen. */
  readonly isWhole: boolean;
}

/** A history in a model's terms, with the best items of all for it once they were asked for a second time. */
export class RecalledHistory {
  #wasAsked = false;
  #best: BestOfAll | null = null;

  /**
   * @param size 0: none are kept
   * @param allowed makes one byte an item, 0 for those that are never answered beside the history; absent: all may be
   */
  constructor(
    readonly known: History,
    private readonly size = RECALLED_ITEMS,
    private readonly allowed?: () => Uint8Array,
  ) {}

  /** True when some of it may be answered again. */
  get isRepeatable(): boolean {
    return this.size === 0;
  }

  /** Null until it was asked for a second time, since most histories are asked about once. */
  get kept(): BestOfAll | null {
    return this.#best;
  }

  /** @returns null the first time */
  async best(calls: ModelCalls): Promise<BestOfAll | null> {
    if (this.#wasAsked && this.size > 0) this.#best ??= await this.#rank(calls);
    this.#wasAsked = true;
    return this.#best;
  }

  async #rank(calls: ModelCalls): Promise<BestOfAll> {
    const { indices, scores } = await calls.recommend(this.known, this.size, this.allowed?.());
    return { indices, scores, isWhole: indices.length < this.size };
  }
}
