/**
 * What the keys of a catalog begin with, after `CACHE_PREFIX`, by kind. Every key of a catalog is made by `catalogKey`, so that a new
 * kind is here, where whoever counts or deletes the keys of a catalog finds it. `U:` comes first in the keys of users, and in no
 * others, since no catalog's id has a capital.
 */
export const CATALOG_KEYS = {
  users: (catalogId: string) => `U:${catalogId}:`,
  'item-side': (catalogId: string) => `${catalogId}:model:`,
  'kept-lists': (catalogId: string) => `${catalogId}:lists:`,
  'shown-items': (catalogId: string) => `${catalogId}:shown:`,
} as const;

export type CatalogKeyKind = keyof typeof CATALOG_KEYS;

export const CATALOG_KEY_KINDS = Object.keys(CATALOG_KEYS) as readonly CatalogKeyKind[];

export function catalogKey(kind: CatalogKeyKind, catalogId: string, rest: string): string {
  return CATALOG_KEYS[kind](catalogId) + rest;
}
