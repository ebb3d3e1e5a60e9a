import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT, type Environment } from '#config';
import { redisConnection } from '#queue';
import {
  cachePrefix,
  CATALOG_KEY_KINDS,
  CATALOG_KEYS,
  queuePrefixes,
  type CatalogKeyKind,
} from '../common/redis-keys.js';

/** One look visits at most about this many keys, a thousand at a time. */
const KEYS_PER_SCAN = 1_000;
const MAX_SCANS = 20;
/** Keys of a kind that are asked for their size. */
const MAX_MEASURED = 200;
const COMMAND_TIMEOUT_MS = 1_000;

/** Keys of one kind: those that a scan met, and the bytes of the first of them. */
export interface KeyUsage {
  /** In all; from the share that the scan visited, where it stopped early. */
  readonly keys: number;
  readonly bytes: number;
  readonly measuredKeys: number;
}

export interface RedisUsage {
  /** Of the catalog. */
  readonly byKind: Readonly<Record<CatalogKeyKind, KeyUsage>>;
  readonly queues: KeyUsage;
  readonly totalBytes: number;
}

/** Looks at Redis by a scan of bounded length, on a connection of its own; never by KEYS. */
@Injectable()
export class RedisUsages implements OnApplicationShutdown {
  readonly #redis: Redis | null;

  constructor(@Inject(ENVIRONMENT) private readonly environment: Environment) {
    const options = { lazyConnect: true, commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: 0 };
    this.#redis = environment.REDIS_URL === '' ? null : redisConnection(environment, options);
  }

  onApplicationShutdown(): void {
    this.#redis?.disconnect();
  }

  /** @returns null where there is no Redis, or none that answers */
  async measure(catalogId: string): Promise<RedisUsage | null> {
    return this.#redis && this.#look(this.#redis, catalogId).catch(() => null);
  }

  async #look(redis: Redis, catalogId: string): Promise<RedisUsage> {
    const cache = cachePrefix(this.environment);
    const { keys, visited } = await scan(redis);
    const factor = Math.max(1, (await redis.dbsize()) / Math.max(1, visited));
    const measure = (...prefixes: string[]) =>
      measureKeys(
        redis,
        keys.filter((key) => prefixes.some((prefix) => key.startsWith(prefix))),
        factor,
      );
    const byKind: Partial<Record<CatalogKeyKind, KeyUsage>> = {};
    for (const kind of CATALOG_KEY_KINDS) byKind[kind] = await measure(cache + CATALOG_KEYS[kind](catalogId));
    return {
      byKind: byKind as RedisUsage['byKind'],
      queues: await measure(...queuePrefixes(this.environment)),
      totalBytes: Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]),
    };
  }
}

async function scan(redis: Redis): Promise<{ readonly keys: readonly string[]; readonly visited: number }> {
  const keys = new Set<string>();
  let cursor = '0';
  for (let round = 0; round < MAX_SCANS; round++) {
    const [next, found] = await redis.scan(cursor, 'COUNT', KEYS_PER_SCAN);
    for (const key of found) keys.add(key);
    cursor = next;
    // A whole scan visits all: what went meanwhile must not look like keys that were not visited.
    if (cursor === '0') return { keys: [...keys], visited: Infinity };
  }
  return { keys: [...keys], visited: keys.size };
}

async function measureKeys(redis: Redis, keys: readonly string[], factor: number): Promise<KeyUsage> {
  const pipeline = redis.pipeline();
  const measured = keys.slice(0, MAX_MEASURED);
  for (const key of measured) pipeline.memory('USAGE', key);
  const sizes = ((await pipeline.exec()) ?? []).flatMap(([, bytes]) =>
    typeof bytes === 'number' ? [bytes] : [],
  );
  const mean = sizes.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, sizes.length);
  const all = Math.round(keys.length * factor);
  return { keys: all, bytes: Math.round(mean * all), measuredKeys: sizes.length };
}
