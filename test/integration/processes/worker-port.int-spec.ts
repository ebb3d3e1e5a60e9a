import { createServer } from 'node:http';
import { request } from 'node:http';
import { getPriority } from 'node:os';
import { ApiKeysRepository, Database } from '#data';
import type { Scope } from '#domain';
import { TestService, twoTastes } from '../../support/api.js';
import { answerTo } from '../../support/http.js';
import { ServiceProcess, waitFor, type TestEnvironment } from '../../support/processes.js';
import { documentedMetrics, parseMetrics, valueOf } from '../../support/prometheus.js';
import { REDIS_SERVER } from '../../support/redis.js';

/** Where a worker says that it listens. */
async function addressOf(worker: ServiceProcess): Promise<string> {
  const { host, port } = await worker.waitForEvent('worker.started');
  return `http://${String(host)}:${String(port)}`;
}

describe('the port of a worker', () => {
  let service: TestService;
  let url: string;
  const others: ServiceProcess[] = [];

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    url = await addressOf(service.worker);
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(async () => {
    await Promise.all(others.map((one) => one.kill()));
    await service.stop();
  });

  const startAnother = (env: TestEnvironment) => {
    const stores = { DATABASE_URL: service.database.url, REDIS_URL: service.redis?.url ?? '' };
    const worker = new ServiceProcess('programs/worker.js', { ...stores, ...env });
    others.push(worker);
    return worker;
  };
  const get = async (path: string, { base = url, ...headers }: Readonly<Record<string, string>> = {}) =>
    answerTo(request(`${base}${path}`, { headers }).end());
  const read = async () => parseMetrics((await get('/metrics')).text);

  it('answers whether the worker lives and can work', async () => {
    for (const path of ['/health/live', '/health/ready'])
      expect(await get(path)).toMatchObject({ status: 200, text: '{"status":"ok"}\n' });
    expect(await get('/nothing')).toMatchObject({ status: 404, text: '{"status":"not-found"}\n' });
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      ...[200, 'text/plain; version=0.0.4; charset=utf-8', ''],
    ]);
  });

  it('lets other programs go first as far as WORKER_NICENESS says', async () => {
    const worker = startAnother({ WORKER_NICENESS: '7' });
    await worker.waitForEvent('worker.started');
    expect([getPriority(worker.pid), getPriority(service.worker.pid)]).toEqual([7, 0]);
    await worker.kill();
  });

  it('counts attempts at runs by kind and outcome, and the time of their stages', async () => {
    const name = 'sparserec_training_attempts_total';
    const succeeded = { model_kind: 'ease', outcome: 'succeeded' };
    expect(valueOf(await read(), name, succeeded)).toBe(1);
    await service.train();
    expect(valueOf(await read(), name, { model_kind: 'ease', outcome: 'unchanged' })).toBe(1);
    await service.send('PUT', '/v1/catalogs/empty');
    const failed = await service.train({ model: 'spectral' }, '/v1/catalogs/empty');
    expect(failed.status).toBe('failed');
    expect(valueOf(await read(), name, { model_kind: 'spectral', outcome: 'failed' })).toBe(1);
    const { series } = (await read()).get('sparserec_training_stage_seconds_total')!;
    const stages = series.filter(({ labels }) => labels['model_kind'] === 'ease');
    expect(stages.map(({ labels }) => labels['stage'])).toEqual(
      expect.arrayContaining(['estimating', 'loading', 'fitting', 'evaluating', 'refitting', 'writing']),
    );
    expect(valueOf(await read(), 'sparserec_training_stage_seconds_total')).toBeGreaterThan(0);
  });

  it('has the metrics of docs/operations.md, with the same types and labels', async () => {
    const documented = documentedMetrics().filter(({ processes }) => processes.includes('worker'));
    const answered = await read();
    expect([...answered.values()].map(({ name, type }) => `${name} ${type}`).sort()).toEqual(
      documented.map(({ name, type }) => `${name} ${type}`).sort(),
    );
    for (const { name, labels } of documented) {
      const used = answered.get(name)!.series.flatMap((one) => Object.keys(one.labels));
      expect([name, used.filter((label) => ![...labels, 'le'].includes(label))]).toEqual([name, []]);
    }
  });

  it('says that the worker is not ready while PostgreSQL is away, and goes on to answer metrics', async () => {
    await service.database.allowConnections(false);
    await waitFor('it to be noticed', async () => (await get('/health/ready')).status === 503);
    expect((await get('/health/ready')).text).toBe('{"status":"database-unavailable"}\n');
    expect(valueOf(await read(), 'sparserec_training_attempts_total')).toBeGreaterThan(0);
    expect((await get('/health/live')).status).toBe(200);
    await service.database.allowConnections(true);
    await waitFor('it to be ready', async () => (await get('/health/ready')).status === 200);
  });

  it('is another one for each worker of a machine, unless it is chosen', async () => {
    const [one, other] = [startAnother({}), startAnother({})];
    const addresses = await Promise.all([service.worker, one, other].map(addressOf));
    expect(new Set(addresses).size).toBe(3);
    for (const base of addresses) expect((await get('/health/live', { base })).status).toBe(200);
  });

  it('that is in use ends the worker at once, and the log names the variable', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const worker = startAnother({ WORKER_PORT: String(port) });
    expect(await worker.exited()).toBe(1);
    expect(worker.log.at(-1)).toMatchObject({
      event: 'worker.not-started',
      reason: `Port ${port} of 127.0.0.1 is in use. Choose another with WORKER_PORT, or another address with HOST.`,
    });
    server.close();
  });

  it('refuses metrics to pages of other sites while no key is needed', async () => {
    expect(await get('/metrics', { host: 'evil.example' })).toMatchObject({
      status: 403,
      text: '{"status":"host-not-allowed"}\n',
    });
  });

  it('takes a key of the scope metrics where keys are needed, and none for health', async () => {
    const base = await addressOf(startAnother({ REQUIRE_KEYS: '1' }));
    const database = Database.connect(service.database.url);
    const keys = new ApiKeysRepository(database);
    const tokenOf = async (scope: Scope, catalogs: string[] | null = null) => {
      const { token } = await keys.make({ name: scope, scopes: [scope], catalogs, expiresAt: null });
      return token;
    };
    const statusOf = async (token: string) =>
      (await get('/metrics', { base, authorization: `Bearer ${token}` })).status;
    expect((await get('/metrics', { base })).status).toBe(401);
    for (const path of ['/health/live', '/health/ready'])
      expect((await get(path, { base })).status).toBe(200);
    const token = await tokenOf('metrics');
    await waitFor('the key', async () => (await statusOf(token)) === 200);
    const password = Buffer.from(`prometheus:${token}`).toString('base64');
    expect((await get('/metrics', { base, authorization: `Basic ${password}` })).status).toBe(200);
    for (const other of [await tokenOf('read'), await tokenOf('metrics', ['default'])])
      await waitFor('the refusal', async () => (await statusOf(other)) === 403);
    await database.close();
  });
});
