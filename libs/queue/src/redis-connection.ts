import { Redis, type RedisOptions } from 'ioredis';
import type { QueueEnvironment } from './queue-environment.js';

/** Longest pause between two attempts, so that everything goes on within seconds of Redis' return. */
const MAX_RECONNECT_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A socket that does not close is destroyed; until then it would hold up the end of the process. */
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * A client of the configured Redis that reconnects for ever and never crashes the process: its `error` events
 * have a listener, and commands wait for the connection unless `options` say otherwise.
 */
export function redisConnection(
  environment: Pick<QueueEnvironment, 'REDIS_URL'>,
  options: Omit<RedisOptions, 'replyMapping'> = {},
): Redis {
  const client = new Redis(environment.REDIS_URL, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
    ...options,
  });
  client.on('error', () => undefined);
  return client;
}
