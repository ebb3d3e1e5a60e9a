import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type HistogramConfiguration,
} from 'prom-client';
import type { Distribution } from './distribution.js';

/** Content type of the text format. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

export type Labels = Readonly<Record<string, string>>;

/** One number of a metric. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** What Prometheus is told of a metric beside its numbers. */
export interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

export interface LabelledDistribution {
  readonly labels: Labels;
  readonly distribution: Distribution;
}

/**
 * Gauges of the library whose names end as those of counters do, which `promtool` refuses, and others that
 * say the same as `nodejs_active_resources`.
 */
const LEFT_OUT = [
  ...['nodejs_active_handles', 'nodejs_active_handles_total', 'nodejs_active_requests'],
  ...['nodejs_active_requests_total', 'nodejs_active_resources_total'],
];

/**
 * The metrics of a process. They are read when somebody asks for them: whatever counts keeps its numbers in
 * plain fields, so that counting costs an addition.
 */
export class Metrics {
  readonly #registry = new Registry();

  /** @param build what `sparserec_build_info` says of the process */
  constructor(build: Labels) {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of LEFT_OUT) this.#registry.removeSingleMetric(name);
    this.gauge(
      {
        name: 'sparserec_build_info',
        help: 'Version of the service, always 1',
        labelNames: Object.keys(build),
      },
      () => [{ labels: build, value: 1 }],
    );
  }

  gauge(described: Described, read: () => Iterable<Sample> | Promise<Iterable<Sample>>): void {
    const gauge = new Gauge({
      ...optionsOf(described, this.#registry),
      collect: async () => {
        const samples = await read();
        // At once, since another answer may be under way.
        gauge.reset();
        for (const { labels = {}, value } of samples) gauge.set(labels, value);
      },
    });
  }

  /** @param read answers numbers that never shrink */
  counter(described: Described, read: () => Iterable<Sample>): void {
    const counter = new Counter({
      ...optionsOf(described, this.#registry),
      collect: () => {
        counter.reset();
        for (const { labels = {}, value } of read()) counter.inc(labels, value);
      },
    });
  }

  /** @param bounds those of the distributions */
  histogram(
    described: Described,
    bounds: readonly number[],
    read: () => Iterable<LabelledDistribution>,
  ): void {
    new ReadHistogram({ ...optionsOf(described, this.#registry), buckets: [...bounds] }, read);
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function optionsOf({ name, help, labelNames = [] }: Described, registry: Registry) {
  return { name, help, labelNames, registers: [registry] };
}

/** The library's own counts by names that it puts together at each observation. */
class ReadHistogram extends Histogram {
  readonly #options: HistogramConfiguration<string>;

  constructor(
    options: HistogramConfiguration<string>,
    private readonly read: () => Iterable<LabelledDistribution>,
  ) {
    super(options);
    this.#options = options;
  }

  /** What the library makes both of its formats of. */
  getForPromString() {
    const { name, help, buckets = [] } = this.#options;
    const values = [...this.read()].flatMap((one) => samplesOf(name, buckets, one));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }
}

function samplesOf(
  name: string,
  bounds: readonly number[],
  { labels, distribution: { cumulated, sum } }: LabelledDistribution,
) {
  const buckets = cumulated.map((value, place) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: String(bounds[place] ?? '+Inf') },
    value,
  }));
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: cumulated.at(-1)! },
  ];
}
