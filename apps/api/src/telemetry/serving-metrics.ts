import type { CacheCounts } from '#domain';
import type { Metrics, Sample } from '#telemetry';
import { LIST_TIME_BOUNDS, type ListTimes } from '../recommendations/answers/list-times.js';
import type { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import type { ScoringThreads } from '../serving/scoring/scoring-threads.js';
import type { MergeCounts } from '../serving/users/merge-counts.js';
import type { RequestCounts } from './request-counts.js';

export function addRequestMetrics(metrics: Metrics, requests: RequestCounts): void {
  metrics.counter(
    {
      name: 'sparserec_http_requests_total',
      help: 'Requests by route and status; route unknown: addresses that there are not, status none: the caller went before',
      labelNames: ['method', 'route', 'status'],
    },
    () =>
      requests.all.flatMap(({ method, route, byStatus }) =>
        [...byStatus].map(([status, value]) => ({
          labels: { method, route, status: status === 0 ? 'none' : String(status) },
          value,
        })),
      ),
  );
}

export function addListMetrics(
  metrics: Metrics,
  { times, threads }: { readonly times: ListTimes; readonly threads: ScoringThreads },
): void {
  metrics.histogram(
    {
      name: 'sparserec_list_duration_seconds',
      help: 'Time that lists took, by the source of their first item (page: of a cached list, none: no item) and the kind of the active model',
      labelNames: ['source', 'model_kind'],
    },
    LIST_TIME_BOUNDS,
    () =>
      times.all.map(({ modelKind, source, distribution }) => ({
        labels: { source, model_kind: modelKind },
        distribution,
      })),
  );
  metrics.gauge(
    { name: 'sparserec_scoring_threads', help: 'Threads that make lists which take long' },
    () => [{ value: threads.threads.length }],
  );
  metrics.gauge({ name: 'sparserec_heavy_lists_waiting', help: 'Lists that wait for such a thread' }, () => [
    { value: threads.numWaiting },
  ]);
}

export function addFoldInMetrics(metrics: Metrics, catalogs: ServingCatalogs): void {
  metrics.counter(
    {
      name: 'sparserec_fold_ins_total',
      help: 'Histories that a model took in: of a user once until it changes, of a basket each time',
      labelNames: ['model_kind'],
    },
    () =>
      [...catalogs.countsByKind].map(([kind, { foldIns }]) => ({
        labels: { model_kind: kind },
        value: foldIns,
      })),
  );
}

export function addMergeMetrics(metrics: Metrics, counts: MergeCounts): void {
  metrics.counter(
    {
      name: 'sparserec_user_merges_total',
      help: 'Merges of users that were asked for, by result (merged, repeated: both ids named one user already)',
      labelNames: ['result'],
    },
    () => [
      { labels: { result: 'merged' }, value: counts.merged },
      { labels: { result: 'repeated' }, value: counts.repeated },
    ],
  );
}

/** @param read counts of each cache by its name */
export function addCacheMetrics(metrics: Metrics, read: () => Readonly<Record<string, CacheCounts>>): void {
  const samplesOf = ([layer, { hits, misses }]: [string, CacheCounts]): Sample[] => [
    { labels: { layer, result: 'hit' }, value: hits },
    { labels: { layer, result: 'miss' }, value: misses },
  ];
  metrics.counter(
    {
      name: 'sparserec_cache_lookups_total',
      help: 'Questions to caches, by layer and result (hit, miss)',
      labelNames: ['layer', 'result'],
    },
    () => Object.entries(read()).flatMap(samplesOf),
  );
}

/** @param read bytes of each owner */
export function addMemoryMetrics(metrics: Metrics, read: () => Readonly<Record<string, number>>): void {
  metrics.gauge(
    {
      name: 'sparserec_memory_bytes',
      help: 'What the process keeps of all catalogs, by owner, as GET …/usage counts it',
      labelNames: ['owner'],
    },
    () => Object.entries(read()).map(([owner, value]) => ({ labels: { owner }, value })),
  );
}
