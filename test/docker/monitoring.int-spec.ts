import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { TestService, twoTastes } from '../support/api.js';
import { documentedMetrics, parseMetrics, type Metric } from '../support/prometheus.js';
import { describeWithPromtool, promtool } from '../support/promtool.js';
import { REDIS_SERVER } from '../support/redis.js';
import { ALERT_CASES, testOfRules } from './alert-cases.js';

const DOCKER = join(import.meta.dirname, '../../docker');
const ALERTS = join(DOCKER, 'prometheus/alerts.yaml');
const DASHBOARD = join(DOCKER, 'grafana/dashboard.json');
/** Metrics of ours, of the library and of Prometheus itself. */
const NAME = /\b(?:(?:sparserec|nodejs|process)_\w+|up(?=\{))/g;

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const { groups } = load(readFileSync(ALERTS, 'utf8')) as {
  groups: readonly { readonly rules: readonly Rule[] }[];
};
const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: readonly Panel[] };
const RULES = groups.flatMap(({ rules }) => rules);
const EXPRESSIONS: readonly (readonly [string, string])[] = [
  ...RULES.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

describe('monitoring', () => {
  let service: TestService;
  const texts: Record<string, string> = {};

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
    await service.get('users/user-1/recommendations');
    const { port } = await service.worker.waitForEvent('worker.started');
    for (const [app, base] of [
      ['api', service.url],
      ['worker', `http://127.0.0.1:${String(port)}`],
    ] as const)
      texts[app] = await (await fetch(`${base}/metrics`)).text();
  });
  afterAll(() => service.stop());

  /** By the names of their series: those of a histogram have several. */
  const answered = (): Map<string, Metric> => {
    const all = Object.values(texts).flatMap((text) => [...parseMetrics(text).values()]);
    return new Map(
      all.flatMap((metric) =>
        (metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map(
          (end) => [metric.name + end, metric] as const,
        ),
      ),
    );
  };

  it('names metrics in alerts and in the dashboard that processes answer', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(30);
    const known = answered().set('up', { name: 'up', help: 'of Prometheus', type: 'gauge', series: [] });
    for (const [where, expr] of EXPRESSIONS) {
      const names = expr.match(NAME) ?? [];
      expect([where, names.length > 0, names.filter((name) => !known.has(name))]).toEqual([where, true, []]);
    }
  });

  it('calls what is of the whole service so, in docs/operations.md and by its name', () => {
    for (const { name, of } of documentedMetrics())
      expect([name, of]).toEqual([name, name.startsWith('sparserec_global_') ? 'service' : 'process']);
  });

  it('takes the maximum of what is the same in every process', () => {
    const global = EXPRESSIONS.filter(([, expr]) => expr.includes('sparserec_global_'));
    expect(global.length).toBeGreaterThan(3);
    for (const [where, expr] of global)
      expect([where, expr]).toEqual([where, expect.stringMatching(/^max by/)]);
  });

  it('has every metric of ours in the dashboard, but what only says how a process was built', () => {
    const shown = new Set(EXPRESSIONS.flatMap(([, expr]) => expr.match(NAME) ?? []));
    const ours = [...answered().keys()].filter((name) => name.startsWith('sparserec_'));
    expect(ours.filter((name) => !shown.has(name))).toEqual([]);
  });

  describeWithPromtool('by promtool', () => {
    it.each(['api', 'worker'])('has metrics of the %s that it finds no fault with', async (app) => {
      expect(await promtool(['check', 'metrics'], texts[app])).toBe('');
    });

    it('has alerts that fire when they should, also at the first failure, and not else', async () => {
      expect(Object.keys(ALERT_CASES).sort()).toEqual(RULES.map(({ alert }) => alert).sort());
      const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
      try {
        const file = join(folder, 'alerts.test.yaml');
        writeFileSync(file, testOfRules(ALERTS));
        expect(await promtool(['test', 'rules', file])).toContain('SUCCESS');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('has alert rules that it takes', async () => {
      expect(await promtool(['check', 'rules', ALERTS])).toContain(`SUCCESS: ${RULES.length} rules found`);
    });
  });
});
