import type { Model } from '@app/domain';
import type { ServedModel, SparseVector } from '@app/models';
import type { CatalogItems } from './catalog-items.js';

/** The item side of a catalog's active model, ready to answer. */
export class ActiveModel {
  readonly #indexOfKey: Int32Array;
  #allowed: Uint8Array<ArrayBuffer> = new Uint8Array();
  #allowedRevision = -1;

  constructor(
    readonly model: Model,
    readonly served: ServedModel,
  ) {
    this.#indexOfKey = new Int32Array((served.itemKeys.at(-1) ?? -1) + 1).fill(-1);
    served.itemKeys.forEach((key, index) => (this.#indexOfKey[key] = index));
  }

  keyOf(itemIndex: number): number {
    return this.served.itemKeys[itemIndex]!;
  }

  /** -1 for an item that the model has never seen. */
  indexOf(itemKey: number): number {
    return this.#indexOfKey[itemKey] ?? -1;
  }

  /** Item keys are ascending in the model, so a history stays ascending. Items that the model does not know drop out. */
  toHistory(itemKeys: Int32Array, values: Float32Array): SparseVector {
    const known = [...itemKeys.keys()].filter((position) => this.indexOf(itemKeys[position]!) >= 0);
    return {
      indices: Uint32Array.from(known, (position) => this.indexOf(itemKeys[position]!)),
      values: Float32Array.from(known, (position) => values[position]!),
    };
  }

  /** One byte an item: 1 where it is available. Not to be changed. */
  allowed(items: CatalogItems): Uint8Array {
    if (this.#allowedRevision !== items.revision) {
      this.#allowed = Uint8Array.from(this.served.itemKeys, (key) => (items.isAvailable(key) ? 1 : 0));
      this.#allowedRevision = items.revision;
    }
    return this.#allowed;
  }
}
