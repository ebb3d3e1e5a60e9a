/** JSON as it can be kept in an item's `metadata`. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** What a caller may set on an item. */
export interface ItemDetails {
  readonly itemId: string;
  readonly title: string | null;
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
  /** An unavailable item is in no answer. */
  readonly available: boolean;
  /** Since when it exists; absent: a known item keeps its time, a new one begins now. */
  readonly createdAt?: Date | undefined;
}

/** An item as an import brings it. */
export interface ImportedItem extends ItemDetails {
  /** Of a deleted item, of which nothing but its id and its times is stored; absent: it is not deleted. */
  readonly deletedAt?: Date | undefined;
}

/** An item as stored. */
export interface Item extends ItemDetails {
  readonly itemKey: number;
  /** That of the catalog at the item's last change. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The little that serving needs of every item. */
export interface ServedItem {
  readonly itemKey: number;
  readonly itemId: string;
  readonly title: string | null;
  readonly available: boolean;
}

/** What a list can say of an item beside its title. */
export interface ItemProperties {
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
}

/**
 * One property of all items of a catalog: tags, the time since which an item exists, or
 * one member of `metadata`.
 */
export type ItemColumnName = 'tags' | 'createdAt' | `metadata.${string}`;

/** An item's value in a column; null where it has none. */
export interface ItemColumnRow {
  readonly itemKey: number;
  /** Of the item, so that what changed later can be read later. */
  readonly revision: number;
  /** `createdAt` in milliseconds since 1970. */
  readonly value: JsonValue;
}
