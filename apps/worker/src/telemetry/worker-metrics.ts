import { Inject, Injectable } from '@nestjs/common';
import { CODE_VERSION, ENVIRONMENT, type Environment } from '#config';
import { ChangeFeed, Database } from '#data';
import { QueueConnection } from '#queue';
import { addGlobalMetrics, addStoreMetrics, GlobalNumbers, Metrics, type Sample } from '#telemetry';
import { ListCounts } from '../lists/list-counts.js';
import { PartCounts } from './part-counts.js';
import { RunCounts } from './run-counts.js';

const MEBIBYTE = 1024 * 1024;

/** All metrics of a worker. */
@Injectable()
export class WorkerMetrics extends Metrics {
  constructor(
    counts: RunCounts,
    parts: PartCounts,
    lists: ListCounts,
    numbers: GlobalNumbers,
    database: Database,
    feed: ChangeFeed,
    queue: QueueConnection,
    @Inject(ENVIRONMENT) { TRAINING_MEMORY_MB }: Environment,
  ) {
    super({ app: 'worker', version: CODE_VERSION });
    addRunMetrics(this, counts);
    addPartMetrics(this, parts);
    addListMetrics(this, lists);
    this.gauge(
      { name: 'sparserec_training_memory_budget_bytes', help: 'Memory that one training run may take' },
      () => [{ value: TRAINING_MEMORY_MB * MEBIBYTE }],
    );
    addGlobalMetrics(this, numbers);
    addStoreMetrics(this, { database, feed, redis: { queue: queue.redis } });
  }
}

function addRunMetrics(metrics: Metrics, counts: RunCounts): void {
  metrics.counter(
    {
      name: 'sparserec_training_attempts_total',
      help: 'Attempts at training runs that this worker has ended, by kind of model and outcome',
      labelNames: ['model_kind', 'outcome'],
    },
    () => samplesOf(counts.ends, 'outcome', 1),
  );
  metrics.counter(
    {
      name: 'sparserec_training_stage_seconds_total',
      help: 'Time that attempts at training runs took, by kind of model and stage',
      labelNames: ['model_kind', 'stage'],
    },
    () => samplesOf(counts.stageMs, 'stage', 1 / 1_000),
  );
}

function addPartMetrics(metrics: Metrics, counts: PartCounts): void {
  metrics.counter(
    {
      name: 'sparserec_training_parts_total',
      help: 'Parts of runs that this worker got of those that workers share, by outcome',
      labelNames: ['outcome'],
    },
    () => [...counts.ends].map(([outcome, value]) => ({ labels: { outcome }, value })),
  );
}

function addListMetrics(metrics: Metrics, counts: ListCounts): void {
  metrics.counter(
    {
      name: 'sparserec_list_job_attempts_total',
      help: 'Attempts at list jobs that this worker has ended, by outcome',
      labelNames: ['outcome'],
    },
    () => [...counts.ends].map(([outcome, value]) => ({ labels: { outcome }, value })),
  );
  metrics.counter(
    { name: 'sparserec_list_job_lists_total', help: 'Lists that this worker has stored for list jobs' },
    () => [{ value: counts.lists }],
  );
  metrics.counter(
    {
      name: 'sparserec_list_job_seconds_total',
      help: 'Time in which this worker has read, made and stored lists of list jobs',
    },
    () => [{ value: counts.busyMs / 1_000 }],
  );
}

function samplesOf(
  sums: ReadonlyMap<string, ReadonlyMap<string, number>>,
  label: string,
  factor: number,
): Sample[] {
  return [...sums].flatMap(([kind, ofKind]) =>
    [...ofKind].map(([name, sum]) => ({ labels: { model_kind: kind, [label]: name }, value: sum * factor })),
  );
}
