import { TestService, twoTastes } from '../../../test/support/api.js';
import { Collector, type SentSpan } from '../../../test/support/collector.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';

const CLIENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TRACE_PARENT = `00-${CLIENT.traceId}-${CLIENT.spanId}-01`;
const USER = 'canary-user';
const STAGES = ['estimating', 'loading', 'fitting', 'evaluating', 'refitting', 'writing', 'promoting'];

describeOnBackends('a trace', ({ redis }) => {
  let collector: Collector;
  let service: TestService;
  let trace: readonly SentSpan[];

  const send = (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>) =>
    fetch(`${service.url}/v1/catalogs/default/${path}`, {
      method,
      headers: { ...service.keyHeader, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const named = (name: string, of: readonly SentSpan[] = trace) => of.filter((span) => span.name === name);
  const only = (name: string) => {
    const [span, ...others] = named(name);
    expect([name, span?.name, others]).toEqual([name, name, []]);
    return span!;
  };
  const childrenOf = ({ spanId }: SentSpan) => trace.filter(({ parentSpanId }) => parentSpanId === spanId);

  beforeAll(async () => {
    collector = await Collector.start();
    service = await TestService.start({ redis, needsKeys: true, env: collector.environment });
    const interactions = [...twoTastes(), { userId: USER, itemId: 'item-2' }];
    await send('POST', 'interactions', { interactions }, {});
    await send('GET', `users/${USER}/recommendations?k=3`, undefined, {});
    const body = { model: 'ease', parameters: { regularization: 5 } };
    await send('POST', 'training-runs', body, { traceparent: TRACE_PARENT, 'x-request-id': 'shop-42' });
    trace = await waitFor('the activation', () => {
      const spans = collector.spans.filter(({ traceId }) => traceId === CLIENT.traceId);
      const names = new Set(spans.map(({ name }) => name));
      return names.has('model activation') && names.has('training run') ? spans : null;
    });
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await collector.stop();
  });

  it('begins with the call that its caller has sent, by route and status', () => {
    expect(only('POST /v1/catalogs/:catalog/training-runs')).toMatchObject({
      service: 'sparserec-api',
      parentSpanId: CLIENT.spanId,
      kind: 2,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/catalogs/:catalog/training-runs',
        'http.response.status_code': 202,
      },
      failed: false,
    });
  });

  it('holds the statements and the job of the call', () => {
    const children = childrenOf(only('POST /v1/catalogs/:catalog/training-runs'));
    const statements = children.filter(({ kind }) => kind === 3);
    expect(statements.map(({ name }) => name)).toEqual(expect.arrayContaining(['INSERT training_runs']));
    for (const { service: name, attributes } of statements) {
      expect(name).toBe('sparserec-api');
      expect(attributes).toMatchObject({ 'db.system.name': 'postgresql' });
    }
    const names = children.filter(({ kind }) => kind !== 3).map(({ name }) => name);
    expect(names.sort()).toEqual(['training enqueue', 'training run']);
  });

  it('goes on in the worker, with each stage of the run and its statements', () => {
    const run = only('training run');
    expect(run).toMatchObject({ service: 'sparserec-worker', kind: 5, failed: false });
    const stages = childrenOf(run).filter(({ name }) => name.startsWith('training '));
    expect(stages.map(({ name }) => name)).toEqual(STAGES.map((stage) => `training ${stage}`));
    expect(childrenOf(only('training loading')).map(({ name }) => name)).toContain('COPY interactions');
    expect(childrenOf(only('training writing')).map(({ name }) => name)).toContain('INSERT model_chunks');
  });

  it('ends where each API takes the model in', () => {
    const activation = only('model activation');
    expect(activation).toMatchObject({
      service: 'sparserec-api',
      parentSpanId: only('training promoting').spanId,
    });
    expect(childrenOf(activation).map(({ name }) => name)).toContain('SELECT models');
  });

  it('is new for a call without one', () => {
    const [stored] = named('POST /v1/catalogs/:catalog/interactions', collector.spans);
    expect(stored).toMatchObject({ service: 'sparserec-api', kind: 2 });
    expect(stored!.parentSpanId ?? '').toBe('');
    expect(collector.spans.filter(({ traceId }) => traceId === stored!.traceId).length).toBeGreaterThan(2);
  });

  it('tells nothing of people and no secret', () => {
    const sent = collector.bodies.join('\n');
    expect(sent).toContain('/v1/catalogs/:catalog/users/:id/recommendations');
    const { password, pathname } = new URL(service.database.url);
    const token = service.keyHeader['authorization']!.replace('Bearer ', '');
    for (const secret of [USER, 'user-1', 'item-2', token, password, pathname.slice(1)]) {
      expect(secret.length).toBeGreaterThan(4);
      expect(sent.includes(secret)).toBe(false);
    }
  });

  it('has no span of probes and metrics', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics', '/v1/catalogs']) await service.get(path);
    await waitFor('the last call', () => named('GET /v1/catalogs', collector.spans)[0]);
    expect(collector.spans.filter(({ name }) => /health|metrics/.test(name))).toEqual([]);
  });
});
