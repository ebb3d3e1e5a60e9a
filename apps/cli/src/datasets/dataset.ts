import type { Interaction, ItemDetails } from '@app/domain';

/** A data set on its way into a catalog. Both may be read more than once. */
export interface Dataset {
  /** In words, for the person who waits. */
  readonly description: string;
  items(): AsyncIterable<ItemDetails>;
  interactions(): AsyncIterable<Interaction>;
}

/** An item of which no more is known than what is given. */
export function item(itemId: string, details: Partial<ItemDetails> = {}): ItemDetails {
  return { itemId, title: null, tags: [], metadata: {}, available: true, ...details };
}
