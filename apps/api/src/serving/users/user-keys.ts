/** Address of one user's entry: entries of an older cache epoch are never read again. */
export interface UserAddress {
  readonly catalogId: string;
  readonly cacheEpoch: number;
  readonly userId: string;
}

/** What the keys of all users begin with, and no other key: no catalog's id has a capital. */
export const USER_KEYS = 'U:';

const EPOCH = /^(U:[^:]*:)\d+:/;

/** What the keys and names of all users of a catalog begin with. */
export function userKeyPrefix(catalogId: string): string {
  return `${USER_KEYS}${catalogId}:`;
}

/** In Redis. Short: there is one a user. Another name than that of entries of another layout. */
export function userKey({ catalogId, cacheEpoch, userId }: UserAddress): string {
  return `${userKeyPrefix(catalogId)}${cacheEpoch}:${userId}`;
}

/** The same in all cache epochs. */
export function userName({ catalogId, userId }: Pick<UserAddress, 'catalogId' | 'userId'>): string {
  return userKeyPrefix(catalogId) + userId;
}

/** Whose key this is. */
export function userNameOfKey(key: string): string {
  return key.replace(EPOCH, '$1');
}
