import { TRAINING_RUN_STATUSES } from '#domain';
import type { QueueDepth } from '#queue';
import type { GlobalNumbers } from './global-numbers.js';
import type { Metrics, Sample } from './metrics.js';

const SAME = 'the same in every process: take the maximum';
const STATES = ['waiting', 'active', 'delayed'] as const;

/** Numbers of the whole service, as this process has last read them; absent while it cannot. */
export function addGlobalMetrics(metrics: Metrics, numbers: GlobalNumbers): void {
  metrics.gauge(
    {
      name: 'sparserec_store_up',
      help: 'Whether a store answered within a second when this process last asked it for global numbers',
      labelNames: ['store'],
    },
    async () => {
      const { queues, runs } = await numbers.read();
      return [
        { labels: { store: 'queue' }, value: Number(queues !== null) },
        { labels: { store: 'postgres' }, value: Number(runs !== null) },
      ];
    },
  );
  metrics.gauge(
    {
      name: 'sparserec_global_training_runs',
      help: `Training runs by status; ${SAME}`,
      labelNames: ['status'],
    },
    async () => {
      const { runs } = await numbers.read();
      return runs
        ? TRAINING_RUN_STATUSES.map((status) => ({ labels: { status }, value: runs.get(status) ?? 0 }))
        : [];
    },
  );
  addQueueMetrics(metrics, numbers);
}

function addQueueMetrics(metrics: Metrics, numbers: GlobalNumbers): void {
  const samples = async (samplesOf: (queue: string, depth: QueueDepth) => Sample[]) =>
    [...((await numbers.read()).queues ?? [])].flatMap(([queue, depth]) => samplesOf(queue, depth));
  metrics.gauge(
    {
      name: 'sparserec_global_queue_jobs',
      help: `Jobs of a queue by state; ${SAME}`,
      labelNames: ['queue', 'state'],
    },
    () =>
      samples((queue, depth) => STATES.map((state) => ({ labels: { queue, state }, value: depth[state] }))),
  );
  metrics.gauge(
    {
      name: 'sparserec_global_queue_oldest_seconds',
      help: `How long the oldest job has been due that no worker has taken, 0 if there is none; ${SAME}`,
      labelNames: ['queue'],
    },
    () => samples((queue, { oldestMs }) => [{ labels: { queue }, value: oldestMs / 1_000 }]),
  );
}
