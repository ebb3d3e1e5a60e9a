import type { Environment } from '#config';
import { QUEUE_NAMES } from '#queue';

/** Every key in Redis, so that whoever counts, deletes or watches keys finds all of them here. */

type Prefixed = Pick<Environment, 'QUEUE_PREFIX'>;

/** What the keys of the cache begin with; its client puts it before every key. */
export function cachePrefix({ QUEUE_PREFIX }: Prefixed): string {
  return `${QUEUE_PREFIX}:cache:`;
}

/** What the keys of the queues begin with, one each. BullMQ makes them. */
export function queuePrefixes({ QUEUE_PREFIX }: Prefixed): string[] {
  return QUEUE_NAMES.map((name) => `${QUEUE_PREFIX}:${name}:`);
}

/**
 * What the keys of a catalog begin with, after `cachePrefix`, by kind. `U:` comes first in the keys of users,
 * and in no others, since no catalog's id has a capital.
 */
export const CATALOG_KEYS = {
  users: (catalogId: string) => `U:${catalogId}:`,
  'item-side': (catalogId: string) => `${catalogId}:model:`,
  'cached-lists': (catalogId: string) => `${catalogId}:lists:`,
  'shown-items': (catalogId: string) => `${catalogId}:shown:`,
} as const;

export type CatalogKeyKind = keyof typeof CATALOG_KEYS;

export const CATALOG_KEY_KINDS = Object.keys(CATALOG_KEYS) as readonly CatalogKeyKind[];

/** Address of one user's entry: entries of an older cache epoch are never read again. */
export interface UserAddress {
  readonly catalogId: string;
  readonly cacheEpoch: number;
  readonly userId: string;
}

/** What the keys of all users begin with, and no other key. */
export const USER_KEYS = 'U:';

const USER_KEY = /^U:([^:]*):\d+:([^]*)$/;

/** Of a user's history. Short: there is one a user. Another name than that of entries of another layout. */
export function redisKeyOfUser({ catalogId, cacheEpoch, userId }: UserAddress): string {
  return `${CATALOG_KEYS.users(catalogId)}${cacheEpoch}:${userId}`;
}

/** Whose key this is; null for another key. */
export function userOfKey(key: string): Omit<UserAddress, 'cacheEpoch'> | null {
  const [, catalogId, userId] = USER_KEY.exec(key) ?? [];
  return catalogId === undefined || userId === undefined ? null : { catalogId, userId };
}

/** Of a random text, by which a process knows that Redis still has what it had. */
export const GENERATION_KEY = 'G';

/** Of the calls that a subject makes. No catalog's id has a capital. */
export function quotaKey(subject: string): string {
  return `Q:${subject}`;
}

/** Of one chunk of an artifact. */
export function itemSideKey(catalogId: string, modelId: string, position: number): string {
  return `${CATALOG_KEYS['item-side'](catalogId)}${modelId}:${position}`;
}

/** Of the lists that a user pages through. Another name than that of lists in another layout. */
export function cachedListsKey({ catalogId, userId }: Pick<UserAddress, 'catalogId' | 'userId'>): string {
  return CATALOG_KEYS['cached-lists'](catalogId) + userId;
}

/** Of a list that everybody pages through. No id of a user has a NUL. */
export function sharedListKey(catalogId: string, listId: string): string {
  return `${CATALOG_KEYS['cached-lists'](catalogId)}\0${listId}`;
}

/** Of what a user was shown lately. */
export function shownItemsKey({ catalogId, userId }: Pick<UserAddress, 'catalogId' | 'userId'>): string {
  return CATALOG_KEYS['shown-items'](catalogId) + userId;
}
