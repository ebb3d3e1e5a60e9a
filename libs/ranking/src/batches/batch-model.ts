import type { RankedItems, SparseVector } from '#models';
import { ActiveModel } from '../models/active-model.js';
import { DirectCalls } from '../models/model-calls.js';

/** What was ranked for a history, of as many items as a list of it wants. */
interface PreparedList {
  readonly history: SparseVector;
  readonly best: RankedItems;
}

/** Answers what was ranked already, and anything else of the model itself. */
class PreparedCalls extends DirectCalls {
  #prepared: PreparedList | null = null;
  #size = 0;

  /** @param size items that were asked for; a list that wants another number is ranked by itself */
  prepare(size: number, prepared: PreparedList | null): void {
    this.#size = size;
    this.#prepared = prepared;
  }

  prepared(history: SparseVector, k: number): RankedItems | undefined {
    const known = this.#prepared;
    return known && k === this.#size && known.history === history ? known.best : undefined;
  }
}

/** A model that makes lists for many histories. */
export class BatchModel extends ActiveModel {
  #prepared: PreparedCalls | null = null;

  override get calls(): PreparedCalls {
    return (this.#prepared ??= new PreparedCalls(this.served.recommender, this.closeness));
  }
}
