import type { UserSide } from './user-side.js';

/** Address of one user's entry: entries of an older cache epoch are never read again. */
export interface UserAddress {
  readonly catalogId: string;
  readonly cacheEpoch: number;
  readonly userId: string;
}

/** From `revision` on a user is another. */
export interface UserChange {
  readonly address: UserAddress;
  readonly revision: number;
}

/** The user side: a history each, which is newer or refused. Nothing here is needed: Postgres has it all. */
export interface UserCache {
  /** What this process holds itself, where it has heard of every change until just now. */
  peek(address: UserAddress): UserSide | undefined;
  /** null when there is no entry, when it was invalidated, or when it was damaged, which drops it. @throws when the cache does not answer */
  get(address: UserAddress): Promise<UserSide | null>;
  /** Keeps `history` unless a newer revision was seen. */
  put(address: UserAddress, history: UserSide): Promise<void>;
  /** From now on only histories of `revision` or newer are kept. @returns false when the cache could not be told */
  invalidate(changes: readonly UserChange[]): Promise<boolean>;
  close(): void;
}

/** Of a user in any cache epoch. */
export function nameOf({ catalogId, userId }: Pick<UserAddress, 'catalogId' | 'userId'>): string {
  return `${catalogId}:${userId}`;
}

/** Short: there is one a user. Another name than that of entries of another layout. */
export function keyOf({ catalogId, cacheEpoch, userId }: UserAddress): string {
  return `${userKeyPrefix(catalogId)}${cacheEpoch}:${userId}`;
}

/** What the keys of all users of a catalog begin with, in Redis. */
export function userKeyPrefix(catalogId: string): string {
  return `${catalogId}:u:`;
}
