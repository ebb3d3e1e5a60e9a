import type { ChangeFeed, Database } from '#data';
import type { Metrics } from './metrics.js';

/** A connection of ioredis, as far as it is asked here. */
interface RedisConnection {
  readonly status: string;
}

export interface Stores {
  readonly database: Database;
  readonly feed: ChangeFeed;
  /** By what it is for; null where the service runs without Redis. */
  readonly redis: Readonly<Record<string, RedisConnection | null>>;
}

/** What a process knows of its connections to PostgreSQL and Redis. Nobody is asked. */
export function addStoreMetrics(metrics: Metrics, { database: { pool }, feed, redis }: Stores): void {
  metrics.gauge(
    {
      name: 'sparserec_postgres_connections',
      help: "Connections of the process's pool to PostgreSQL",
      labelNames: ['state'],
    },
    () => [
      { labels: { state: 'idle' }, value: pool.idleCount },
      { labels: { state: 'used' }, value: pool.totalCount - pool.idleCount },
    ],
  );
  metrics.gauge(
    { name: 'sparserec_postgres_waiting_calls', help: 'Calls that wait for a connection to PostgreSQL' },
    () => [{ value: pool.waitingCount }],
  );
  metrics.gauge(
    {
      name: 'sparserec_redis_connected',
      help: 'Whether a connection to Redis is ready, by what it is for; absent without Redis',
      labelNames: ['connection'],
    },
    () =>
      Object.entries(redis).flatMap(([connection, client]) =>
        client ? [{ labels: { connection }, value: Number(client.status === 'ready') }] : [],
      ),
  );
  addFeedMetrics(metrics, feed);
}

function addFeedMetrics(metrics: Metrics, feed: ChangeFeed): void {
  metrics.gauge(
    {
      name: 'sparserec_change_feed_polling',
      help: 'Whether changes are only read every second, since PostgreSQL cannot tell of them',
    },
    () => [{ value: Number(feed.state === 'polling') }],
  );
  metrics.gauge(
    {
      name: 'sparserec_change_feed_lag_seconds',
      help: 'How long the last test notification took; while polling, the time between the last two reads',
    },
    () => (feed.heard ? [{ value: feed.heard.lagMs / 1_000 }] : []),
  );
  metrics.gauge(
    {
      name: 'sparserec_change_feed_last_heard_timestamp_seconds',
      help: 'When the process last knew that it misses no change: it reads them every second',
    },
    () => (feed.heard ? [{ value: feed.heard.at / 1_000 }] : []),
  );
}
