import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '@app/config';
import pg from 'pg';
import type { QueueEnvironment } from './queue-environment.js';
import { redisConnection } from './redis-connection.js';

/** The queue's server is set up in a way that would lose jobs, or cannot be reached. */
export class QueueServerError extends StartError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueueServerError';
  }
}

export interface ServerCheckOptions {
  /** How long to wait for a server that cannot be reached yet. */
  readonly waitMs?: number;
  /** Told once when waiting begins. */
  readonly onWaiting?: (server: 'Redis' | 'PostgreSQL') => void;
}

const DEFAULT_WAIT_MS = 30_000;
const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * To be awaited before any queue is made: resolves when the queue's server answers and keeps what it is given.
 *
 * @throws QueueServerError when it cannot be reached in time, or when Redis may evict jobs
 */
export async function checkQueueServer(
  environment: QueueEnvironment,
  options: ServerCheckOptions = {},
): Promise<void> {
  if (environment.REDIS_URL !== '') return checkRedisPolicy(environment, options);
  await retryWhileUnreachable('PostgreSQL', () => pingPostgres(environment.DATABASE_URL), options);
}

/** Refuses a Redis whose `maxmemory-policy` would silently evict jobs. */
export async function checkRedisPolicy(
  environment: Pick<QueueEnvironment, 'REDIS_URL'>,
  options: ServerCheckOptions = {},
): Promise<void> {
  const policy = await retryWhileUnreachable('Redis', () => findEvictionPolicy(environment), options);
  if (policy === null || policy === 'noeviction') return;
  throw new QueueServerError(
    `Redis has maxmemory-policy ${policy} and could evict queued jobs. ` +
      'Set it to noeviction: `redis-cli CONFIG SET maxmemory-policy noeviction`, ' +
      'and `maxmemory-policy noeviction` in redis.conf to keep it.',
  );
}

/** The policy by INFO, which managed servers allow where CONFIG is refused; null when the server does not say. */
async function findEvictionPolicy(environment: Pick<QueueEnvironment, 'REDIS_URL'>): Promise<string | null> {
  const client = redisConnection(environment, { lazyConnect: true, retryStrategy: () => null });
  try {
    await client.connect();
    const info = await client.info('memory');
    return /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? null;
  } finally {
    client.disconnect();
  }
}

async function pingPostgres(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function retryWhileUnreachable<T>(
  server: 'Redis' | 'PostgreSQL',
  attempt: () => Promise<T>,
  { waitMs = DEFAULT_WAIT_MS, onWaiting }: ServerCheckOptions,
): Promise<T> {
  const deadline = Date.now() + waitMs;
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() + RETRY_MS > deadline)
        throw new QueueServerError(`${server} cannot be reached: ${String(error)}`, { cause: error });
    }
    if (attempts === 1) onWaiting?.(server);
    await delay(RETRY_MS);
  }
}
