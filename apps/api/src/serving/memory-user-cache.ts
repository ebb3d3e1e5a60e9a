import type { Environment } from '@app/config';
import { LRUCache } from 'lru-cache';
import { keyOf, type UserAddress, type UserCache, type UserChange } from './user-cache.js';
import type { UserSide } from './user-side.js';

/** Users in process memory, where there is no Redis: right for one API process. */
export class MemoryUserCache implements UserCache {
  readonly #entries: LRUCache<string, { readonly revision: number; readonly history: UserSide | null }>;

  constructor(environment: Pick<Environment, 'USER_CACHE_SECONDS' | 'USER_CACHE_ENTRIES'>) {
    this.#entries = new LRUCache({
      max: Math.max(1, environment.USER_CACHE_ENTRIES),
      ttl: environment.USER_CACHE_SECONDS * 1_000,
    });
  }

  peek(address: UserAddress): UserSide | undefined {
    return this.#entries.get(keyOf(address))?.history ?? undefined;
  }

  get(address: UserAddress): Promise<UserSide | null> {
    return Promise.resolve(this.peek(address) ?? null);
  }

  put(address: UserAddress, history: UserSide): Promise<void> {
    const key = keyOf(address);
    if ((this.#entries.peek(key)?.revision ?? -1) <= history.revision)
      this.#entries.set(key, { revision: history.revision, history });
    return Promise.resolve();
  }

  invalidate(changes: readonly UserChange[]): Promise<boolean> {
    for (const { address, revision } of changes) {
      const key = keyOf(address);
      if ((this.#entries.peek(key)?.revision ?? -1) < revision)
        this.#entries.set(key, { revision, history: null });
    }
    return Promise.resolve(true);
  }

  close(): void {
    this.#entries.clear();
  }
}
