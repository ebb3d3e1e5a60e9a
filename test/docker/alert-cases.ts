/** Series by their selector, with values by the minute in the notation of `promtool test rules`. */
type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly fires: Series;
  readonly isSilent: Series;
}

const MINUTES = 60;
const steady = (value: number) => `${value}x${MINUTES}`;
const rising = (perMinute: number) => `0+${perMinute}x${MINUTES}`;
const calls = (status: string, route = 'a') =>
  `sparserec_http_requests_total{status="${status}",route="${route}"}`;
/** Of a route that fails once, so many minutes before the end. */
const failsOnce = (before: number) => `0x${MINUTES - before} 1x${before - 1}`;
const ends = (outcome: string) =>
  `sparserec_training_attempts_total{model_kind="ease",outcome="${outcome}",instance="w"}`;
const listsUpTo = (le: string) => `sparserec_list_duration_seconds_bucket{le="${le}"}`;
const build = (app: string) => `sparserec_build_info{app="${app}",instance="a"}`;
const OLDEST = 'sparserec_global_queue_oldest_seconds{queue="training"}';
const LAG = 'nodejs_eventloop_lag_p99_seconds{instance="a"}';

/** Of each alert what it fires at after an hour, and what looks like it and is none. */
export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  SparserecNoApi: { fires: { [build('worker')]: steady(1) }, isSilent: { [build('api')]: steady(1) } },
  SparserecNoWorker: { fires: { [build('api')]: steady(1) }, isSilent: { [build('worker')]: steady(1) } },
  SparserecInstanceDown: {
    fires: { 'up{job="sparserec",instance="a"}': steady(1), 'up{job="sparserec",instance="b"}': '1x50 0x9' },
    isSilent: { 'up{job="sparserec",instance="a"}': steady(1), 'up{job="other",instance="b"}': steady(0) },
  },
  // Each of these routes fails for the first time.
  SparserecErrors: {
    fires: {
      [calls('200')]: rising(10),
      ...Object.fromEntries([10, 8, 6, 4, 2].map((n) => [calls('503', `r${n}`), failsOnce(n)])),
    },
    isSilent: { [calls('200')]: rising(1_000), [calls('503')]: rising(5), [calls('429')]: rising(500) },
  },
  SparserecListsSlow: {
    fires: {
      [listsUpTo('0.25')]: rising(90),
      [listsUpTo('0.5')]: rising(100),
      [listsUpTo('+Inf')]: rising(100),
    },
    isSilent: {
      [listsUpTo('0.1')]: rising(90),
      [listsUpTo('0.25')]: rising(100),
      [listsUpTo('+Inf')]: rising(100),
    },
  },
  SparserecStoreAway: {
    fires: {
      'sparserec_store_up{store="queue"}': steady(0),
      'sparserec_store_up{store="postgres"}': steady(1),
    },
    isSilent: { 'sparserec_store_up{store="queue"}': '1x30 0 1x28' },
  },
  SparserecRedisAway: {
    fires: { 'sparserec_redis_connected{connection="cache"}': steady(0) },
    isSilent: { 'sparserec_redis_connected{connection="cache"}': steady(1) },
  },
  SparserecPoolExhausted: {
    fires: { sparserec_postgres_waiting_calls: steady(3) },
    isSilent: { sparserec_postgres_waiting_calls: '0 3 '.repeat(MINUTES / 2) + '0' },
  },
  SparserecQueueStuck: { fires: { [OLDEST]: steady(1_000) }, isSilent: { [OLDEST]: steady(800) } },
  // The first failure that a worker counts.
  SparserecRunsFail: {
    fires: { [ends('failed')]: '0x50 1x9', [ends('succeeded')]: rising(1) },
    isSilent: { [ends('failed')]: steady(0), [ends('succeeded')]: rising(1), [ends('cancelled')]: rising(1) },
  },
  SparserecChangesNotHeard: {
    fires: { sparserec_change_feed_last_heard_timestamp_seconds: steady(0) },
    isSilent: { sparserec_change_feed_last_heard_timestamp_seconds: rising(60) },
  },
  SparserecEventLoopBusy: {
    fires: { [LAG]: steady(0.2), [build('api')]: steady(1) },
    isSilent: { [LAG]: steady(0.2), [build('worker')]: steady(1) },
  },
};

/** The file of `promtool test rules` that says so. */
export function testOfRules(rulesFile: string): string {
  const testOf = (alert: string, series: Series, samples: readonly object[]) => ({
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
        eval_time: `${MINUTES}m`,
        exp_samples: samples,
      },
    ],
  });
  const tests = Object.entries(ALERT_CASES).flatMap(([alert, { fires, isSilent }]) => [
    testOf(alert, fires, [{ labels: '{}', value: 1 }]),
    testOf(alert, isSilent, []),
  ]);
  return JSON.stringify({ rule_files: [rulesFile], evaluation_interval: '1m', tests });
}
