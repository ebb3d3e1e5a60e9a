import type { Redis } from 'ioredis';
import type { Environment } from '#config';
import { redisConnection } from '#queue';
import { cachePrefix } from '../common/redis-keys.js';

/** Injection token of the cache's Redis client; null when the service runs without Redis. */
export const CACHE_REDIS = Symbol('cache redis');

/** A cache that is slower than this is worse than none. */
const COMMAND_TIMEOUT_MS = 250;

/** Fails fast: the database answers whatever Redis cannot. */
export function connectCache(environment: Environment): Redis | null {
  if (environment.REDIS_URL === '') return null;
  return redisConnection(environment, {
    keyPrefix: cachePrefix(environment),
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
}
