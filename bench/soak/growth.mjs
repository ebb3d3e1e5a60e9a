/** What the samples of a soak say: bytes a row of what holds rows, and how fast everything else grows. */
import { fitLine } from './statistics.mjs';

const HOUR = 3_600;
/** What holds interactions, users and runs, and what is kept of calls for longer than the soak takes. */
const ROW_TABLES = [
  ...['interactions', 'users', 'training_runs'],
  ...['audit_log', 'idempotency_keys', 'attributed_interactions'],
];
/** In Redis: users who asked for rotation are kept for a week, and events of 10,000 changes of jobs. */
const ROW_KEYS = {
  'shown-items': ({ redis }) => redis.keys['shown-items'],
  queues: ({ postgres }) => postgres.rows.training_runs,
};

/**
 * @param samples as they are in the file, each with its `seconds` since the start
 * @param warmUpSeconds what is left out at the begin
 * @returns `rows`, bytes a row by what holds them, and `others`, growth an hour by name; null where there are
 *   too few samples or no rows come
 */
export function growthOf(samples, warmUpSeconds) {
  const kept = samples.filter(({ seconds }) => seconds >= warmUpSeconds);
  const times = kept.map(({ seconds }) => seconds);
  const hours = times.map((seconds) => seconds / HOUR);
  const rows = Object.entries(holdersOf(kept)).map(([name, { counts, bytes }]) => {
    return [name, { rows: counts.at(-1), line: fitLine(times, counts, bytes) }];
  });
  const others = [...seriesOf(kept)].map(([name, values]) => [name, fitLine(times, hours, values)]);
  return { rows: Object.fromEntries(rows), others: Object.fromEntries(others) };
}

/** What grows by rows: its `counts` of rows and its `bytes`, by name. */
function holdersOf(samples) {
  const tables = ROW_TABLES.map((table) => [
    `table ${table}`,
    ...['rows', 'bytes'].map((kind) => samples.map(({ postgres }) => postgres[kind][table])),
  ]);
  const keys = Object.entries(ROW_KEYS).map(([kind, rowsOf]) => [
    `redis ${kind}`,
    samples.map(rowsOf),
    samples.map(({ redis }) => redis.bytes[kind]),
  ]);
  return Object.fromEntries([...tables, ...keys].map(([name, counts, bytes]) => [name, { counts, bytes }]));
}

/** By name: the values of all samples. A name ends with its unit. */
function seriesOf(samples) {
  const series = new Map();
  for (const [n, sample] of samples.entries())
    for (const [name, value] of Object.entries(flat(sample, samples[n - 1]))) {
      if (!series.has(name)) series.set(name, []);
      series.get(name)[n] = value;
    }
  // A kind that has come up later was not there before.
  for (const values of series.values()) for (let n = 0; n < samples.length; n++) values[n] ??= 0;
  const { length } = samples;
  // The first sample has no rate.
  for (const [name, values] of series) if (name.endsWith('/s') && length > 1) [, values[0]] = values;
  return series;
}

function flat({ seconds, api, worker, redis, postgres }, before) {
  const tables = Object.entries(postgres.bytes).filter(([table]) => !ROW_TABLES.includes(table));
  const keys = Object.entries(redis.keys).filter(([kind]) => !(kind in ROW_KEYS));
  const sizes = Object.entries(redis.bytes).filter(([kind]) => !(kind in ROW_KEYS));
  const counts = Object.entries(postgres.rows).filter(([table]) => !ROW_TABLES.includes(table));
  return {
    ...processFigures('api', api),
    ...processFigures('worker', worker),
    'redis memory of all else, bytes': redis.usedMemory - redis.bytes['shown-items'] - redis.bytes.queues,
    ...named(keys, (kind) => `redis ${kind}, keys`),
    ...named(sizes, (kind) => `redis ${kind}, bytes`),
    ...named(tables, (table) => `table ${table}, bytes`),
    ...named(counts, (table) => `table ${table}, rows`),
    'write-ahead log kept, bytes': postgres.walFolder,
    'connections to PostgreSQL': postgres.connections,
    ...(before && {
      'write-ahead log, bytes/s': (postgres.walBytes - before.postgres.walBytes) / (seconds - before.seconds),
    }),
  };
}

function processFigures(name, { rss, heapUsed, heapTotal, external, handles, resources }) {
  return {
    [`${name} resident memory, bytes`]: rss,
    [`${name} heap in use, bytes`]: heapUsed,
    [`${name} heap, bytes`]: heapTotal,
    [`${name} external memory, bytes`]: external,
    [`${name} file descriptors`]: handles,
    [`${name} timers and sockets`]: resources,
  };
}

function named(entries, name) {
  return Object.fromEntries(entries.map(([key, value]) => [name(key), value]));
}

/** Share of one core that each took, and all together. */
export function coresOf(samples) {
  const [first, last] = [samples[0], samples.at(-1)];
  const share = (of) => (of(last) - of(first)) / (last.seconds - first.seconds);
  const cores = {
    api: share(({ api }) => api.processorSeconds),
    worker: share(({ worker }) => worker.processorSeconds),
    postgres: share(({ postgres }) => postgres.processorSeconds),
    load: share(({ load }) => load.processorSeconds),
  };
  return { ...cores, all: Object.values(cores).reduce((sum, value) => sum + value, 0) };
}
