import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT, type Environment } from '#config';
import { cachePrefix, CATALOG_KEYS } from '../../common/redis-keys.js';
import { CACHE_REDIS } from '../redis-client.js';
import { ServingCatalogs } from './serving-catalogs.js';

const KEYS_PER_SCAN = 1_000;

/** What keeps things of catalogs in process memory. */
export interface CatalogMemory {
  forget(catalogId: string): void;
}
/** Injection token of all of them. */
export const CATALOG_MEMORIES = Symbol('catalog memories');

/** Everything that is cached of a catalog. */
@Injectable()
export class CatalogCaches {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CACHE_REDIS) private readonly redis: Redis | null,
    @Inject(CATALOG_MEMORIES) memories: readonly CatalogMemory[],
    catalogs: ServingCatalogs,
  ) {
    catalogs.onForgotten((catalogId) => memories.forEach((memory) => memory.forget(catalogId)));
  }

  /**
   * Takes a catalog's keys out of Redis, page by page.
   *
   * @param signal breaks it off between two pages
   * @throws when Redis does not answer
   */
  async sweepRedis(catalogId: string, signal?: AbortSignal): Promise<void> {
    if (!this.redis) return;
    for (const startOf of Object.values(CATALOG_KEYS))
      await this.#sweep(this.redis, startOf(catalogId), signal);
  }

  async #sweep(redis: Redis, start: string, signal?: AbortSignal): Promise<void> {
    const prefix = cachePrefix(this.environment);
    let cursor = '0';
    do {
      const page = await redis.scan(cursor, 'MATCH', `${prefix}${start}*`, 'COUNT', KEYS_PER_SCAN);
      cursor = page[0];
      // The client puts the prefix before keys, and not before what it has found.
      const keys = page[1].map((key) => key.slice(prefix.length));
      if (keys.length > 0) await redis.unlink(...keys);
      signal?.throwIfAborted();
    } while (cursor !== '0');
  }
}
