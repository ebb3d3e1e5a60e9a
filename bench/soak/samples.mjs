/** What a sample of the soak has: sizes and counts of the service and its servers at one moment. */
import { readdirSync } from 'node:fs';
import { CATALOG_KEYS, cachePrefix, queuePrefixes } from '../../dist/apps/api/src/common/redis-keys.js';
import { postgresSeconds, processorSeconds } from '../lib/processor-time.mjs';

const PREFIX = { QUEUE_PREFIX: 'sparserec' };
/** Of each kind at most so many keys are asked for their bytes; all are counted. */
const KEYS_ASKED = 300;
const SCAN_COUNT = 1_000;
const METRICS = {
  rss: 'process_resident_memory_bytes',
  heapUsed: 'nodejs_heap_size_used_bytes',
  heapTotal: 'nodejs_heap_size_total_bytes',
  external: 'nodejs_external_memory_bytes',
  resources: 'nodejs_active_resources',
};
/** Rows are counted, since estimates move with the vacuum. */
const COUNTED = [
  ...['interactions', 'users', 'items', 'training_runs', 'models', 'audit_log', 'idempotency_keys'],
  ...['attributed_interactions', 'catalog_changes'],
];
const TABLES = `SELECT relname AS name, pg_total_relation_size(oid)::float8 AS bytes FROM pg_class
  WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`;
const ROWS = `SELECT ${COUNTED.map((table) => `(SELECT count(*)::float8 FROM ${table}) AS ${table}`).join(', ')}`;
const LOG = `SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal,
  (SELECT sum(size)::float8 FROM pg_ls_waldir()) AS folder,
  (SELECT count(*)::float8 FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections`;

/** @param processes `api` and `worker`, each with its `port` and `pid` */
export async function takeSample({ processes, redis, pool }) {
  const [api, worker, cache, database] = await Promise.all([
    sampleProcess(processes.api),
    sampleProcess(processes.worker),
    sampleRedis(redis),
    samplePostgres(pool),
  ]);
  return { api, worker, redis: cache, postgres: database };
}

async function sampleProcess({ port, pid }) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const found = Object.entries(METRICS).map(([name, metric]) => [name, sumOf(text, metric)]);
  const handles = readdirSync(`/proc/${pid}/fd`).length;
  return { ...Object.fromEntries(found), handles, processorSeconds: processorSeconds(pid) };
}

/** Of all series of a metric. */
function sumOf(text, metric) {
  const lines = text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

async function sampleRedis(redis) {
  const kinds = await keysByKind(redis);
  const sizes = await Promise.all([...kinds].map(async ([kind, keys]) => [kind, await bytesOf(redis, keys)]));
  const usedMemory = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1]);
  return {
    usedMemory,
    keys: Object.fromEntries([...kinds].map(([kind, keys]) => [kind, keys.length])),
    bytes: Object.fromEntries(sizes),
  };
}

async function keysByKind(redis) {
  const prefixes = [
    ...Object.entries(CATALOG_KEYS).map(([kind, of]) => [kind, cachePrefix(PREFIX) + of('default')]),
    ...queuePrefixes(PREFIX).map((prefix) => ['queues', prefix]),
  ];
  const kinds = new Map(['other', ...prefixes.map(([kind]) => kind)].map((kind) => [kind, []]));
  // A scan may tell of a key twice.
  const keys = new Set();
  let cursor = '0';
  do {
    const [next, some] = await redis.scan(cursor, 'COUNT', SCAN_COUNT);
    for (const key of some) keys.add(key);
    cursor = next;
  } while (cursor !== '0');
  for (const key of keys)
    kinds.get(prefixes.find(([, prefix]) => key.startsWith(prefix))?.[0] ?? 'other').push(key);
  return kinds;
}

async function bytesOf(redis, keys) {
  if (keys.length === 0) return 0;
  const step = Math.max(1, keys.length / KEYS_ASKED);
  const asked = Array.from(
    { length: Math.min(keys.length, KEYS_ASKED) },
    (_, n) => keys[Math.floor(n * step)],
  );
  const sizes = await Promise.all(asked.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)));
  // One that has expired meanwhile has none.
  return (sizes.reduce((sum, size) => sum + Number(size ?? 0), 0) / asked.length) * keys.length;
}

async function samplePostgres(pool) {
  const { rows: tables } = await pool.query(TABLES);
  const [rows] = (await pool.query(ROWS)).rows;
  const [{ wal, folder, connections }] = (await pool.query(LOG)).rows;
  return {
    bytes: Object.fromEntries(tables.map(({ name, bytes }) => [name, bytes])),
    rows,
    walBytes: Number(wal),
    walFolder: folder,
    connections,
    processorSeconds: await postgresSeconds(pool),
  };
}
