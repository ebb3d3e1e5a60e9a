/** Rates from what `GET /metrics` counts: the difference of two looks. */

/** Of one look. */
export interface Counters {
  readonly at: number;
  /** Calls of the API, without those that watch it. */
  readonly calls: number;
  readonly lists: number;
  /** How many lists took at most so many seconds, ascending. */
  readonly buckets: readonly (readonly [seconds: number, count: number])[];
  readonly queues: readonly {
    readonly queue: string;
    readonly waiting: number;
    readonly oldestSeconds: number;
  }[];
  readonly version: string | null;
}

/** Of the time between two looks. */
export interface Rate {
  readonly at: number;
  readonly callsPerSecond: number;
  readonly listsPerSecond: number;
  /** Null where no list was made. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Rates {
  readonly latest: Counters;
  readonly rates: readonly Rate[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Ten minutes of looks. */
const MOST_RATES = 133;
/** What watches the service is no load of it. */
const WATCHING = /^\/(metrics|health\/|assets\/|$)/;

const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export function parseMetrics(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      if (name === undefined) return [];
      const pairs = [...labels.matchAll(LABEL)].map(([, label, text]) => [label!, text!] as const);
      return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
    });
}

export function countersOf(text: string, at: number): Counters {
  const samples = parseMetrics(text);
  const named = (name: string) => samples.filter((sample) => sample.name === name);
  const buckets = new Map<number, number>();
  for (const { labels, value } of named('sparserec_list_duration_seconds_bucket')) {
    const seconds = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    buckets.set(seconds, (buckets.get(seconds) ?? 0) + value);
  }
  const calls = named('sparserec_http_requests_total').filter(
    ({ labels }) => !WATCHING.test(labels['route'] ?? ''),
  );
  return {
    at,
    calls: sum(calls),
    lists: sum(named('sparserec_list_duration_seconds_count')),
    buckets: [...buckets].sort(([a], [b]) => a - b),
    queues: queuesOf(samples),
    version: named('sparserec_build_info')[0]?.labels['version'] ?? null,
  };
}

function queuesOf(samples: readonly Sample[]): Counters['queues'] {
  const oldest = samples.filter(({ name }) => name === 'sparserec_global_queue_oldest_seconds');
  return oldest.map(({ labels, value }) => {
    const queue = labels['queue'] ?? '';
    const waiting = samples.filter(
      (sample) =>
        sample.name === 'sparserec_global_queue_jobs' &&
        sample.labels['queue'] === queue &&
        sample.labels['state'] === 'waiting',
    );
    return { queue, waiting: sum(waiting), oldestSeconds: value };
  });
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

/** @returns null where another process has answered, or the same one after a start */
export function rateBetween(before: Counters, after: Counters): Rate | null {
  const seconds = (after.at - before.at) / 1_000;
  const [calls, lists] = [after.calls - before.calls, after.lists - before.lists];
  if (seconds <= 0 || calls < 0 || lists < 0) return null;
  const known = new Map(before.buckets);
  const buckets = after.buckets.map(([le, count]) => [le, count - (known.get(le) ?? 0)] as const);
  if (buckets.some(([, count]) => count < 0)) return null;
  return {
    at: after.at,
    callsPerSecond: calls / seconds,
    listsPerSecond: lists / seconds,
    p50Ms: quantileMs(buckets, 0.5),
    p99Ms: quantileMs(buckets, 0.99),
  };
}

/** Within a bucket as if its lists had taken times of equal distance, as Prometheus does. */
export function quantileMs(buckets: Counters['buckets'], share: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  const rank = share * total;
  const at = buckets.findIndex(([, count]) => count >= rank);
  const [lower, below] = at > 0 ? buckets[at - 1]! : [0, 0];
  const [upper, count] = buckets[at]!;
  if (upper === Infinity) return lower * 1_000;
  return (lower + ((upper - lower) * (rank - below)) / Math.max(1, count - below)) * 1_000;
}

let last: Counters | null = null;
let rates: readonly Rate[] = [];

/** Remembers a look at the metrics. */
export function noteMetrics(text: string, at: number): Rates {
  const latest = countersOf(text, at);
  const rate = last && rateBetween(last, latest);
  last = latest;
  if (rate) rates = [...rates, rate].slice(-MOST_RATES);
  return { latest, rates };
}
