import type { KeyRing } from '#access';
import { loadEnvironment } from '#config';
import { GlobalNumbers, type GlobalSources } from '#telemetry';
import { strictFake } from '../testing/strict-fake.js';
import type { WorkerMetrics } from './worker-metrics.js';
import { WorkerServer } from './worker-server.js';

describe('the server of a worker', () => {
  const environment = loadEnvironment({ DATABASE_URL: 'postgresql://any' });
  const metrics = strictFake<WorkerMetrics>({ text: () => Promise.resolve('some 1\n') });
  const ring = strictFake<KeyRing>({ isOpen: true });
  const sources: GlobalSources = {
    queues: () => Promise.resolve(new Map()),
    runs: () => Promise.resolve(new Map()),
  };
  let server: WorkerServer;

  afterEach(() => server.onApplicationShutdown());

  const start = async (numbers: Partial<GlobalSources> = {}) => {
    server = new WorkerServer(metrics, new GlobalNumbers({ ...sources, ...numbers }), ring, environment);
    await server.onModuleInit();
  };
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.text()];
  };

  it('is not ready while its worker ends, and goes on to answer metrics', async () => {
    await start();
    expect(await get('/health/ready')).toEqual([200, '{"status":"ok"}\n']);
    server.onModuleDestroy();
    expect(await get('/health/ready')).toEqual([503, '{"status":"draining"}\n']);
    expect(await get('/health/live')).toEqual([200, '{"status":"ok"}\n']);
    expect(await get('/metrics')).toEqual([200, 'some 1\n']);
  });

  it('is not ready while the queue is away', async () => {
    await start({ queues: () => Promise.reject(new Error('away')) });
    expect(await get('/health/ready')).toEqual([503, '{"status":"queue-unavailable"}\n']);
  });
});
