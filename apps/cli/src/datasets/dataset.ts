import { DEFAULT_INTERACTION_TYPE, type Interaction, type ItemDetails } from '#domain';

export interface DatasetOptions {
  /** How far ahead of the clock an interaction may be dated. */
  readonly clockToleranceSeconds: number;
}

/** A data set on its way into a catalog. Items and interactions may be read more than once. */
export interface Dataset {
  /** In words, for the person who waits. */
  readonly description: string;
  /** Whether the file says only which pairs there are, so that a pair that comes again says nothing. */
  readonly isSet?: boolean;
  items(): AsyncIterable<ItemDetails>;
  interactions(): AsyncIterable<Interaction>;
}

/** An item of which no more is known than what is given. */
export function item(itemId: string, details: Partial<ItemDetails> = {}): ItemDetails {
  return { itemId, title: null, tags: [], metadata: {}, available: true, ...details };
}

/**
 * Somebody chose an item. A rating says no more than that: how much the item was liked afterwards is no
 * strength of the choice, so the weight is 1.
 */
export function chosen(userId: string, itemId: string, occurredAt: Date | null): Interaction {
  return { userId, itemId, type: DEFAULT_INTERACTION_TYPE, weight: 1, occurredAt };
}

/** The items of a data set that says nothing of them. */
export async function* nothing(): AsyncGenerator<never> {}
