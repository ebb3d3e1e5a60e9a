import { Redis, type RedisOptions } from 'ioredis';
import type { RedisEnvironment } from './queue-environment.js';

type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** Longest pause between two attempts, so that everything goes on within seconds of Redis' return. */
const MAX_RECONNECT_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A socket that does not close is destroyed; until then it would hold up the end of the process. */
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * A client of the configured Redis that reconnects for ever and never crashes the process: its `error` events
 * have a listener, and commands wait for the connection unless `options` say otherwise.
 */
export function redisConnection(environment: RedisEnvironment, options: ConnectionOptions = {}): Redis {
  const all: ConnectionOptions = {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
    ...options,
  };
  const isWatched = (environment.REDIS_SENTINELS ?? []).length > 0;
  const client = isWatched
    ? new Redis({ ...all, ...watchedBy(environment) })
    : new Redis(environment.REDIS_URL, all);
  client.on('error', () => undefined);
  return client;
}

/** The primary of the name that the address has in place of a host, wherever the Sentinels say it is. */
function watchedBy({
  REDIS_URL,
  REDIS_SENTINELS = [],
  REDIS_SENTINEL_USERNAME: sentinelUsername = '',
  REDIS_SENTINEL_PASSWORD: sentinelPassword = '',
}: RedisEnvironment): ConnectionOptions {
  const { hostname, username, password, pathname, protocol } = new URL(REDIS_URL);
  const isSecure = protocol === 'rediss:';
  return {
    sentinels: [...REDIS_SENTINELS],
    name: hostname,
    ...(sentinelUsername !== '' && { sentinelUsername }),
    ...(sentinelPassword !== '' && { sentinelPassword }),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    db: Number(pathname.slice(1)),
    ...(isSecure && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  };
}
