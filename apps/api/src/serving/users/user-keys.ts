import { CATALOG_KEYS, catalogKey } from '../../common/redis-keys.js';

/** Address of one user's entry: entries of an older cache epoch are never read again. */
export interface UserAddress {
  readonly catalogId: string;
  readonly cacheEpoch: number;
  readonly userId: string;
}

/** What the keys of all users begin with, and no other key. */
export const USER_KEYS = 'U:';

const EPOCH = /^(U:[^:]*:)\d+:/;

/** What the keys and names of all users of a catalog begin with. */
export function userKeyPrefix(catalogId: string): string {
  return CATALOG_KEYS.users(catalogId);
}

/** In Redis. Short: there is one a user. Another name than that of entries of another layout. */
export function userKey({ catalogId, cacheEpoch, userId }: UserAddress): string {
  return catalogKey('users', catalogId, `${cacheEpoch}:${userId}`);
}

/** The same in all cache epochs. */
export function userName({ catalogId, userId }: Pick<UserAddress, 'catalogId' | 'userId'>): string {
  return userKeyPrefix(catalogId) + userId;
}

/** Whose key this is. */
export function userNameOfKey(key: string): string {
  return key.replace(EPOCH, '$1');
}
