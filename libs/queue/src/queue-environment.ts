import type { SentinelAddress } from '#config';

/** The part of the environment that decides where the queues live. */
export interface QueueEnvironment {
  readonly DATABASE_URL: string;
  /** The same database without a pooler. */
  readonly DIRECT_DATABASE_URL?: string;
  /** Empty keeps the queues in PostgreSQL. */
  readonly REDIS_URL: string;
  readonly REDIS_SENTINELS?: readonly SentinelAddress[];
  readonly REDIS_SENTINEL_USERNAME?: string;
  readonly REDIS_SENTINEL_PASSWORD?: string;
  readonly QUEUE_PREFIX: string;
}

/** The part that says where Redis is. */
export type RedisEnvironment = Pick<
  QueueEnvironment,
  'REDIS_URL' | 'REDIS_SENTINELS' | 'REDIS_SENTINEL_USERNAME' | 'REDIS_SENTINEL_PASSWORD'
>;
