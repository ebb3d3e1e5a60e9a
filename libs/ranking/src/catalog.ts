import type { CountedItems } from '#data';
import type { CatalogItems } from './items/catalog-items.js';
import type { ActiveModel } from './models/active-model.js';
import type { NewItems } from './new-items/new-items.js';

/** Everything that answers about one catalog are made of, in memory. */
export interface ServingCatalog {
  readonly id: string;
  readonly items: CatalogItems;
  readonly active: ActiveModel | null;
  /**
   * Items that the active model has never seen; absent where there are none, or nobody has asked for them.
   */
  readonly newItems?: NewItems | null;
  /**
   * Users of each item as they were counted lately, where there is no active model;
   * absent: nobody has counted.
   */
  readonly counted?: CountedItems | null;
}

/** One model for the whole answer, also when another becomes active meanwhile. */
export function asItIsNow({ id, items, active }: ServingCatalog): ServingCatalog {
  return { id, items, active };
}
