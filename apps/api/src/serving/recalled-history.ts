import type { History, RankedItems, Recommender } from '@app/models';

/** How many of the best items are kept. */
export const RECALLED_ITEMS = 256;

/** The best items for a history, whether they may be answered or not. */
export interface BestOfAll extends RankedItems {
  /** There are no others outside of the history. */
  readonly isWhole: boolean;
}

/** A history in a model's terms, with the best items of all for it once they were asked for a second time. */
export class RecalledHistory {
  #wasAsked = false;
  #best: BestOfAll | null = null;

  constructor(
    private readonly recommender: Recommender,
    readonly known: History,
    /** 0: none are kept. */
    private readonly size = RECALLED_ITEMS,
  ) {}

  /** @returns null the first time, since most histories are asked about once */
  best(): BestOfAll | null {
    if (this.#wasAsked && this.size > 0) this.#best ??= this.#rank();
    this.#wasAsked = true;
    return this.#best;
  }

  #rank(): BestOfAll {
    const { indices, scores } = this.recommender.recommend(this.known, this.size);
    return { indices, scores, isWhole: indices.length < this.size };
  }
}
