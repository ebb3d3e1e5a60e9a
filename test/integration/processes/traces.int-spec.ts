import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { TestService, twoTastes } from '../../support/api.js';
import { Collector } from '../../support/collector.js';
import { ServiceProcess, waitFor, type TestEnvironment } from '../../support/processes.js';
import { describeWithRedis, findFreePort } from '../../support/redis.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const HEADERS = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, 'x-request-id': 'shop-42' };

/** Starts a run by a call that has both headers. */
async function askForRun({ url }: TestService, headers: Readonly<Record<string, string>> = HEADERS) {
  const response = await fetch(`${url}/v1/catalogs/default/training-runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'ease', parameters: { regularization: 5 } }),
  });
  return (await response.json()) as { readonly id: string };
}

async function withService(
  env: TestEnvironment,
  work: (service: TestService) => Promise<void>,
  redis = false,
) {
  const service = await TestService.start({ redis, env });
  try {
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await work(service);
  } finally {
    await service.stop();
  }
}

describe('lines of the log', () => {
  it('name the request that asked for a run, and its trace, in both processes', async () => {
    await withService({ LOG_LEVEL: 'debug' }, async (service) => {
      const { id: runId } = await askForRun(service);
      await service.worker.waitForEvent('training.completed', (line) => line['runId'] === runId);
      await service.api.waitForEvent('model.swapped-in');
      const ofRun = service.worker.log.filter((line) => line['runId'] === runId);
      expect(ofRun.map(({ event }) => event)).toEqual(
        expect.arrayContaining(['training.started', 'training.completed']),
      );
      for (const line of ofRun) expect(line).toMatchObject({ requestId: 'shop-42', traceId: TRACE });
      const answered = await service.api.waitForEvent('request.completed', ({ method }) => method === 'POST');
      expect(answered).toMatchObject({ requestId: expect.any(String) });
    });
  });

  it('name the trace that a call has begun, where the caller has none', async () => {
    const collector = await Collector.start();
    await withService({ LOG_LEVEL: 'debug', ...collector.environment }, async (service) => {
      const { id: runId } = await askForRun(service, {});
      const done = await service.worker.waitForEvent('training.completed', (line) => line['runId'] === runId);
      const isPost = ({ method, route }: Readonly<Record<string, unknown>>) =>
        method === 'POST' && String(route).endsWith('training-runs');
      const post = await service.api.waitForEvent('request.completed', isPost);
      expect(post['traceId']).toMatch(/^[0-9a-f]{32}$/);
      const { traceId, requestId } = post;
      expect(done).toMatchObject({ traceId, requestId });
      expect(await service.api.waitForEvent('model.swapped-in')).toMatchObject({ traceId });
    });
    await collector.stop();
  });
});

describeWithRedis('the trace of a run', () => {
  it('goes on when its job was lost with all of Redis and put back', async () => {
    const collector = await Collector.start();
    const work = async (service: TestService) => {
      await service.worker.kill();
      const { id: runId } = await askForRun(service);
      const redis = new Redis(service.redis!.url);
      await redis.flushall();
      redis.disconnect();
      const env = {
        DATABASE_URL: service.database.url,
        REDIS_URL: service.redis!.url,
        RECONCILE_SECONDS: '1',
      };
      const worker = new ServiceProcess('programs/worker.js', { ...env, ...collector.environment });
      try {
        const requeued = await worker.waitForEvent('training.requeued');
        expect(requeued).toMatchObject({ runId, requestId: 'shop-42', traceId: TRACE });
        await worker.waitForEvent('training.completed');
        const run = await waitFor('the run', () =>
          collector.spans.find(({ name }) => name === 'training run'),
        );
        const post = collector.spans.find(({ name }) => name.startsWith('POST ') && name.endsWith('-runs'));
        expect(run).toMatchObject({ traceId: TRACE, parentSpanId: post!.spanId });
      } finally {
        await worker.kill();
      }
    };
    await withService(collector.environment, work, true);
    await collector.stop();
  });
});

describe('a collector', () => {
  it('that is not there holds nothing up, and is told of once', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await findFreePort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    };
    await withService(env, async (service) => {
      expect(await service.train()).toMatchObject({ status: 'succeeded' });
      const children = [service.api, service.worker];
      for (const child of children)
        await child.waitForEvent('traces.not-sent', ({ level }) => level === 'warn');
      expect(await service.train({ model: 'popularity' })).toMatchObject({ status: 'succeeded' });
      for (const child of children) {
        expect(await child.kill('SIGTERM')).toBe(0);
        expect(child.log.filter(({ event }) => event === 'traces.not-sent')).toHaveLength(1);
      }
    });
  });

  it('that never answers does not keep a process from ending', async () => {
    const collector = await Collector.start({ isSilent: true });
    await withService(collector.environment, async (service) => {
      await service.train();
      for (const child of [service.api, service.worker]) expect(await child.kill('SIGTERM')).toBe(0);
    });
    await collector.stop();
  });

  it('gets the last spans of a process that is told to end', async () => {
    const collector = await Collector.start();
    const isLate = { ...collector.environment, OTEL_BSP_SCHEDULE_DELAY: '600000' };
    await withService(isLate, async (service) => {
      await service.train();
      expect(collector.spans).toEqual([]);
      for (const child of [service.api, service.worker]) await child.kill('SIGTERM');
      const names = collector.spans.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['training run', 'model activation']));
    });
    await collector.stop();
  });
});

describe('what few need', () => {
  const PACKAGES = ['@opentelemetry', '@bull-board'] as const;
  type Loaded = Readonly<Record<'api' | 'worker', readonly string[]>>;

  /** Which of these a process has run code of, by V8's own count, when it has done its work. */
  async function loadedWith(env: TestEnvironment, addresses: readonly string[] = []): Promise<Loaded> {
    const folder = await mkdtemp(join(tmpdir(), 'coverage-'));
    const loaded: Record<string, readonly string[]> = {};
    await withService({ ...env, NODE_V8_COVERAGE: folder }, async (service) => {
      await service.train();
      for (const address of addresses) await service.get(address);
      for (const name of ['api', 'worker'] as const) {
        await service[name].kill('SIGTERM');
        loaded[name] = await packagesIn(folder);
        for (const file of await readdir(folder)) await rm(join(folder, file));
      }
    });
    await rm(folder, { recursive: true });
    return loaded as Loaded;
  }

  async function packagesIn(folder: string): Promise<string[]> {
    const reports = await Promise.all(
      (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')),
    );
    const urls = reports.flatMap((report) => (JSON.parse(report) as Coverage).result.map(({ url }) => url));
    const scripts = [...new Set(urls)].filter((url) => url.startsWith('file:'));
    const sources = await Promise.all(scripts.map((url) => readFile(fileURLToPath(url), 'utf8')));
    const isLoaded = (name: string) => sources.some((source) => source.includes(`node_modules/${name}/`));
    expect(isLoaded('@nestjs/core')).toBe(true);
    return PACKAGES.filter(isLoaded);
  }

  interface Coverage {
    readonly result: readonly { readonly url: string }[];
  }

  it('is loaded where it is asked for: OpenTelemetry by a collector, the queue board by a call', async () => {
    expect(await loadedWith({})).toEqual({ api: [], worker: [] });
    const collector = await Collector.start();
    expect(await loadedWith(collector.environment, ['/queues'])).toEqual({
      api: PACKAGES,
      worker: ['@opentelemetry'],
    });
    await collector.stop();
  });
});
