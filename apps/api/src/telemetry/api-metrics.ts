import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { CODE_VERSION } from '#config';
import { ChangeFeed, Database, TrainingRunsRepository } from '#data';
import { QueueBacklogs, QueueConnection } from '#queue';
import { addGlobalMetrics, addStoreMetrics, GlobalNumbers, Metrics } from '#telemetry';
import { ListTimes } from '../recommendations/answers/list-times.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { CACHE_REDIS } from '../serving/redis-client.js';
import { ScoringThreads } from '../serving/scoring/scoring-threads.js';
import { MergeCounts } from '../serving/users/merge-counts.js';
import { Caches } from './caches.js';
import { RequestCounts } from './request-counts.js';
import {
  addCacheMetrics,
  addFoldInMetrics,
  addListMetrics,
  addMemoryMetrics,
  addMergeMetrics,
  addRequestMetrics,
} from './serving-metrics.js';

/** All metrics of an API process. */
@Injectable()
export class ApiMetrics extends Metrics {
  constructor(
    requests: RequestCounts,
    times: ListTimes,
    threads: ScoringThreads,
    catalogs: ServingCatalogs,
    caches: Caches,
    merges: MergeCounts,
    database: Database,
    feed: ChangeFeed,
    queue: QueueConnection,
    backlogs: QueueBacklogs,
    runs: TrainingRunsRepository,
    @Inject(CACHE_REDIS) cache: Redis | null,
  ) {
    super({ app: 'api', version: CODE_VERSION });
    addRequestMetrics(this, requests);
    addListMetrics(this, { times, threads });
    addFoldInMetrics(this, catalogs);
    addMergeMetrics(this, merges);
    addCacheMetrics(this, () => caches.counts);
    addMemoryMetrics(this, () => caches.sizes);
    const sources = { queues: () => backlogs.measure(), runs: () => runs.countByStatus() };
    addGlobalMetrics(this, new GlobalNumbers(sources));
    addStoreMetrics(this, { database, feed, redis: { cache, queue: queue.redis } });
  }
}
