import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: Series[];
}

const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** What a process answers for Prometheus, by the names of metrics. @throws for a line that is none */
export function parseMetrics(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  let help = '';
  let metric: Metric | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, about, subject = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (about === 'HELP') help = rest;
    else if (about === 'TYPE')
      metrics.set(subject, (metric = { name: subject, type: rest, help, series: [] }));
    else metric!.series.push(parseSeries(line));
  }
  return metrics;
}

function parseSeries(line: string): Series {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`This is no line of metrics: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, label, text]) => [label!, text!] as const);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** The value of the series with these labels; 0 where there is none. */
export function valueOf(
  metrics: Map<string, Metric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const [base] = /^.*?(?=_(?:bucket|sum|count)$|$)/.exec(name)!;
  const all = (metrics.get(name) ?? metrics.get(base))?.series ?? [];
  const found = all.filter(
    (one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text),
  );
  return found.reduce((sum, { value }) => sum + value, 0);
}

/** A row of the table of metrics in docs/operations.md. */
export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  /** Who answers it: `api`, `worker`. */
  readonly processes: readonly string[];
  /** Whose number it is: `process`, `service`. */
  readonly of: string;
}

const ROW = /^\| `(\w+)`\s+\| (\w+)\s+\| (.*?)\s+\| ([\w, ]+?)\s+\| (\w+)\s+\|/gm;

export function documentedMetrics(): DocumentedMetric[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const section = page.slice(page.indexOf('\n## Metrics\n'));
  return [...section.matchAll(ROW)].map(([, name, type, labels, processes, of]) => ({
    name: name!,
    type: type!,
    labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
    processes: processes!.split(', '),
    of: of!,
  }));
}
