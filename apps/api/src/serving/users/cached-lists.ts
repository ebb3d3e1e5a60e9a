import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { CacheCounts, UUID_BYTES, uuidOf } from '#domain';
import { CATALOG_KEYS, cachedListsKey, sharedListKey } from '../../common/redis-keys.js';
import { CACHE_REDIS } from '../redis-client.js';

/** How long a list can be paged through. */
export const LIST_LIFE_SECONDS = 900;
/** Lists that one user can page through at once; a further one takes the place of the oldest. */
export const LISTS_PER_USER = 4;
export const CACHED_LISTS_BYTES = 64 * 1024 * 1024;
/** How long an equal list is not stored again, and how many are remembered for that. */
const [SAME_LIST_MS, MAX_SAME_LISTS] = [60_000, 1_000];
const OVERHEAD_BYTES = 256;
/** Characters of a UUID. */
const ID_LENGTH = 36;

export interface ListAddress {
  readonly catalogId: string;
  readonly userId: string;
  /** A random UUID. */
  readonly listId: string;
}

/**
 * KEYS[1] lists of a user by id, and in `order` their ids one after the other, the oldest first; ARGV: id,
 * list, life in seconds, characters of an id, lists.
 */
const KEEP = `
local order = (redis.call('HGET', KEYS[1], 'order') or '') .. ARGV[1]
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
while #order > ARGV[4] * ARGV[5] do
  redis.call('HDEL', KEYS[1], string.sub(order, 1, ARGV[4]))
  order = string.sub(order, ARGV[4] + 1)
end
redis.call('HSET', KEYS[1], 'order', order)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1`;

/** Lists of one user, the oldest first. */
type UserLists = ReadonlyMap<string, Buffer>;

/** Whole lists for as long as they are paged through: in Redis, or in process memory where there is none. */
@Injectable()
export class CachedLists {
  readonly counts = new CacheCounts();
  readonly #memory = new LRUCache<string, UserLists>({
    maxSize: CACHED_LISTS_BYTES,
    sizeCalculation: sizeOf,
    ttl: LIST_LIFE_SECONDS * 1_000,
  });

  readonly #keptLately = new LRUCache<string, true>({ max: MAX_SAME_LISTS, ttl: SAME_LIST_MS });

  constructor(@Inject(CACHE_REDIS) private readonly redis: Redis | null) {}

  /** @returns false when it could not be cached */
  async keep(address: ListAddress, list: unknown, now = Date.now()): Promise<boolean> {
    const bytes = deflateRawSync(JSON.stringify({ keptAt: now, list }));
    const key = cachedListsKey(address);
    if (!this.redis) {
      const lists = [...(this.#memory.get(key) ?? []), [address.listId, bytes] as const];
      this.#memory.set(key, new Map(lists.slice(-LISTS_PER_USER)));
      return true;
    }
    return this.redis
      .eval(KEEP, 1, key, address.listId, bytes, LIST_LIFE_SECONDS, ID_LENGTH, LISTS_PER_USER)
      .then(
        () => true,
        () => false,
      );
  }

  /**
   * Stores a list that everybody may page through, equal ones once: its id is made of what it says.
   *
   * @returns its id; null when it could not be cached
   */
  async keepShared(catalogId: string, list: unknown, now = Date.now()): Promise<string | null> {
    const listId = uuidOf(createHash('sha256').update(JSON.stringify(list)).digest().subarray(0, UUID_BYTES));
    const key = sharedListKey(catalogId, listId);
    if (this.#keptLately.has(key)) return listId;
    const bytes = deflateRawSync(JSON.stringify({ keptAt: now, list }));
    if (this.redis) {
      const isKept = await this.redis.set(key, bytes, 'EX', LIST_LIFE_SECONDS).catch(() => null);
      if (isKept === null) return null;
    } else this.#memory.set(key, new Map([[listId, bytes]]));
    this.#keptLately.set(key, true);
    return listId;
  }

  /** What `keepShared` was given; null when it is cached no longer, or cannot be reached. */
  async findShared(catalogId: string, listId: string, now = Date.now()): Promise<unknown> {
    const key = sharedListKey(catalogId, listId);
    const bytes = this.redis
      ? await this.redis.getBuffer(key).catch(() => null)
      : this.#memory.get(key)?.get(listId);
    this.counts.note(bytes != null);
    return bytes ? decodeList(bytes, now) : null;
  }

  /** What is in process memory. */
  forget(catalogId: string): void {
    this.#keptLately.clear();
    for (const key of this.#ownKeys(catalogId)) this.#memory.delete(key);
  }

  /** Memory of the lists of all catalogs. */
  get sizeBytes(): number {
    return this.#memory.calculatedSize;
  }

  /** What is in process memory. */
  measure(catalogId: string): { readonly count: number; readonly bytes: number } {
    const own = this.#ownKeys(catalogId);
    const bytes = own.reduce((sum, key) => sum + sizeOf(this.#memory.peek(key) ?? new Map()), 0);
    return { count: own.length, bytes };
  }

  #ownKeys(catalogId: string): string[] {
    const start = CATALOG_KEYS['cached-lists'](catalogId);
    return [...this.#memory.keys()].filter((key) => key.startsWith(start));
  }

  /** What `keep` was given; null when it is cached no longer, or cannot be reached. */
  async find(address: ListAddress, now = Date.now()): Promise<unknown> {
    const key = cachedListsKey(address);
    const bytes = this.redis
      ? await this.redis.hgetBuffer(key, address.listId).catch(() => null)
      : this.#memory.get(key)?.get(address.listId);
    this.counts.note(bytes != null);
    return bytes ? decodeList(bytes, now) : null;
  }

  /** All lists of a user by id, those included that are cached no longer but still there. @throws Error */
  async readAll(catalogId: string, userId: string): Promise<Map<string, unknown>> {
    const key = cachedListsKey({ catalogId, userId });
    const lists = this.redis
      ? Object.entries(await this.redis.hgetallBuffer(key)).filter(([name]) => name !== 'order')
      : [...(this.#memory.get(key) ?? [])];
    return new Map(lists.map(([id, bytes]) => [id, decodeList(bytes, -Infinity)]));
  }
}

/** @returns null when it is cached no longer: newer lists of a user let older ones stay where they are */
function decodeList(bytes: Buffer, now: number): unknown {
  const { keptAt, list } = JSON.parse(inflateRawSync(bytes).toString()) as { keptAt: number; list: unknown };
  return now - keptAt < LIST_LIFE_SECONDS * 1_000 ? list : null;
}

function sizeOf(lists: UserLists): number {
  return [...lists.values()].reduce((sum, bytes) => sum + bytes.length, lists.size * OVERHEAD_BYTES);
}
