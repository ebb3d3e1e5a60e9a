import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { ENVIRONMENT, type Environment } from '#config';
import type { Shown } from '#ranking';
import { CATALOG_KEYS, shownItemsKey } from '../../common/redis-keys.js';
import { CACHE_REDIS } from '../redis-client.js';

/** Items of a user that are remembered: those that were shown last. */
export const MAX_SHOWN_ITEMS = 200;
/** Of an entry of a map of numbers. */
export const SHOWN_ITEM_BYTES = 40;
/** A user to whom nothing is shown for as long is forgotten. */
const LIFE_SECONDS = 7 * 86_400;

/**
 * What lists with a rotation have shown to whom: in Redis, or in process memory where there is
 * none. May be forgotten.
 */
@Injectable()
export class ShownItems {
  readonly #memory: LRUCache<string, Shown>;

  constructor(
    @Inject(ENVIRONMENT) environment: Environment,
    @Inject(CACHE_REDIS) private readonly redis: Redis | null,
  ) {
    this.#memory = new LRUCache({
      max: Math.max(1, environment.USER_CACHE_ENTRIES),
      ttl: LIFE_SECONDS * 1_000,
    });
  }

  /** Nothing where Redis does not answer. */
  find(catalogId: string, userId: string): Promise<Shown> {
    return this.read(catalogId, userId).catch((): Shown => new Map());
  }

  /** @throws Error when Redis does not answer */
  async read(catalogId: string, userId: string): Promise<Shown> {
    const key = shownItemsKey({ catalogId, userId });
    if (!this.redis) return this.#memory.get(key) ?? new Map();
    const parts = await this.redis.zrange(key, '0', '-1', 'WITHSCORES');
    const shown = new Map<number, number>();
    for (let place = 0; place + 1 < parts.length; place += 2)
      shown.set(Number(parts[place]), Number(parts[place + 1]));
    return shown;
  }

  /** What is in process memory. */
  forget(catalogId: string): void {
    for (const key of this.#ownKeys(catalogId)) this.#memory.delete(key);
  }

  /** What the users of all catalogs take of process memory. */
  get sizeBytes(): number {
    return [...this.#memory.values()].reduce((sum, { size }) => sum + SHOWN_ITEM_BYTES * size, 0);
  }

  /** What is in process memory. */
  measure(catalogId: string): { readonly count: number; readonly bytes: number } {
    const own = this.#ownKeys(catalogId);
    const items = own.reduce((sum, key) => sum + (this.#memory.peek(key)?.size ?? 0), 0);
    return { count: own.length, bytes: SHOWN_ITEM_BYTES * items };
  }

  #ownKeys(catalogId: string): string[] {
    const start = CATALOG_KEYS['shown-items'](catalogId);
    return [...this.#memory.keys()].filter((key) => key.startsWith(start));
  }

  /** What was shown to either of two users was shown to the second one, when it last was. */
  async merge(catalogId: string, fromId: string, intoId: string): Promise<void> {
    const [from, into] = [fromId, intoId].map((userId) => shownItemsKey({ catalogId, userId })) as [
      string,
      string,
    ];
    if (!this.redis) {
      const shown = this.#memory.get(from);
      this.#memory.delete(from);
      if (shown) this.#memory.set(into, latestOf(this.#memory.get(into), shown));
      return;
    }
    await this.redis
      .multi()
      .zunionstore(into, 2, into, from, 'AGGREGATE', 'MAX')
      .del(from)
      .zremrangebyrank(into, 0, -MAX_SHOWN_ITEMS - 1)
      .expire(into, LIFE_SECONDS)
      .exec()
      .catch(() => undefined);
  }

  /** @param itemKeys as they were shown, from the top of the list */
  async remember(
    catalogId: string,
    userId: string,
    itemKeys: readonly number[],
    now = Date.now(),
  ): Promise<void> {
    const key = shownItemsKey({ catalogId, userId });
    const newest = itemKeys.slice(0, MAX_SHOWN_ITEMS);
    if (newest.length === 0) return;
    if (!this.redis) {
      this.#memory.set(key, newestOf(this.#memory.get(key), newest, now));
      return;
    }
    await this.redis
      .multi()
      .zadd(key, ...newest.flatMap((itemKey) => [now, String(itemKey)]))
      .zremrangebyrank(key, 0, -MAX_SHOWN_ITEMS - 1)
      .expire(key, LIFE_SECONDS)
      .exec()
      .catch(() => undefined);
  }
}

/** A map keeps the order of insertion, so the first are the oldest. */
function newestOf(before: Shown | undefined, itemKeys: readonly number[], now: number): Shown {
  const merged = new Map(before);
  for (const itemKey of itemKeys) {
    merged.delete(itemKey);
    merged.set(itemKey, now);
  }
  return new Map([...merged].slice(-MAX_SHOWN_ITEMS));
}

/** Each item when it was last shown, the oldest first. */
function latestOf(before: Shown = new Map(), shown: Shown): Shown {
  const all = [...before, ...shown].sort(([, a], [, b]) => a - b);
  const latest = new Map<number, number>();
  for (const [itemKey, at] of all) {
    latest.delete(itemKey);
    latest.set(itemKey, at);
  }
  return new Map([...latest].slice(-MAX_SHOWN_ITEMS));
}
