import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { CACHE_REDIS } from './redis-client.js';

/** How long a list can be paged through. */
export const LIST_LIFE_SECONDS = 900;
/** Lists that one user can page through at once; a further one takes the place of an older one. */
const SLOTS = 4;
const MEMORY_BYTES = 64 * 1024 * 1024;

export interface ListAddress {
  readonly catalogId: string;
  readonly userId: string;
  /** A random UUID. */
  readonly listId: string;
}

/** Whole lists for as long as they are paged through: in Redis, or in process memory where there is none. */
@Injectable()
export class KeptLists {
  readonly #memory = new LRUCache<string, Buffer>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: (bytes) => bytes.length + 256,
    ttl: LIST_LIFE_SECONDS * 1_000,
  });

  constructor(@Inject(CACHE_REDIS) private readonly redis: Redis | null) {}

  /** @returns false when it could not be kept */
  async keep(address: ListAddress, list: unknown): Promise<boolean> {
    const bytes = deflateRawSync(JSON.stringify({ id: address.listId, list }));
    if (this.redis)
      return this.redis.set(toKey(address), bytes, 'EX', LIST_LIFE_SECONDS).then(
        () => true,
        () => false,
      );
    this.#memory.set(toKey(address), bytes);
    return true;
  }

  /** What is in process memory. */
  forget(catalogId: string): void {
    for (const key of this.#memory.keys()) if (key.startsWith(`${catalogId}:`)) this.#memory.delete(key);
  }

  /** What `keep` was given; null when it is kept no longer, or cannot be reached. */
  async find(address: ListAddress): Promise<unknown> {
    const bytes = this.redis
      ? await this.redis.getBuffer(toKey(address)).catch(() => null)
      : this.#memory.get(toKey(address));
    if (!bytes) return null;
    const kept = JSON.parse(inflateRawSync(bytes).toString()) as { id: string; list: unknown };
    return kept.id === address.listId ? kept.list : null;
  }
}

function toKey({ catalogId, userId, listId }: ListAddress): string {
  return `${catalogId}:list:${parseInt(listId.slice(0, 2), 16) % SLOTS}:${userId}`;
}
