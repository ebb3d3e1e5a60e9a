import type { RankedItems, SparseVector } from '#models';
import { ActiveModel } from '../models/active-model.js';
import { DirectCalls } from '../models/model-calls.js';

/** Answers what was ranked for many histories at once, and anything else of the model itself. */
class PreparedCalls extends DirectCalls {
  #prepared: ReadonlyMap<SparseVector, RankedItems> = new Map();
  #size = 0;

  /** @param size items that were asked for; a list that wants another number is ranked by itself */
  prepare(size: number, prepared: ReadonlyMap<SparseVector, RankedItems>): void {
    this.#size = size;
    this.#prepared = prepared;
  }

  prepared(history: SparseVector, k: number): RankedItems | undefined {
    return k === this.#size ? this.#prepared.get(history) : undefined;
  }
}

/** A model that makes lists for many histories. */
export class BatchModel extends ActiveModel {
  #prepared: PreparedCalls | null = null;

  override get calls(): PreparedCalls {
    return (this.#prepared ??= new PreparedCalls(this.served.recommender, this.closeness));
  }
}
