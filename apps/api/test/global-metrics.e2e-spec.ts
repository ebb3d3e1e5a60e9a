import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { parseMetrics, valueOf } from '../../../test/support/prometheus.js';
import { describeOnBackends } from '../../../test/support/redis.js';

const RUNS = 'sparserec_global_training_runs';
const JOBS = 'sparserec_global_queue_jobs';
const OLDEST = 'sparserec_global_queue_oldest_seconds';

describeOnBackends('global metrics', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(() => service.stop());

  const read = async (url = service.url) => {
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(200);
    return parseMetrics(await response.text());
  };
  const isUp = async (store: string) => valueOf(await read(), 'sparserec_store_up', { store }) === 1;

  it('are the same in every process', async () => {
    const other = await service.startAnotherApi();
    for (const url of [service.url, other.url])
      await waitFor('the run', async () => valueOf(await read(url), RUNS, { status: 'succeeded' }) === 1);
    const globalOf = async (url: string) =>
      [...(await read(url)).values()]
        .filter(({ name }) => name.startsWith('sparserec_global_'))
        .map(({ name, help, series }) => ({ name, help, series }));
    expect(await globalOf(other.url)).toEqual(await globalOf(service.url));
    for (const { help } of await globalOf(service.url))
      expect(help).toMatch(/the same in every process: take the maximum$/);
    await other.process.kill();
  });

  it('are absent while a store is away, and everything else is there', async () => {
    await service.database.allowConnections(false);
    await waitFor('it to be noticed', async () => !(await isUp('postgres')));
    const away = await read();
    expect(away.get(RUNS)!.series).toEqual([]);
    expect(valueOf(away, 'sparserec_store_up', { store: 'queue' })).toBe(Number(redis));
    expect(valueOf(away, 'sparserec_http_requests_total')).toBeGreaterThan(3);
    await service.database.allowConnections(true);
    await waitFor('it to be back', () => isUp('postgres'));
    if (!service.redis) return;
    await service.redis.stop();
    await waitFor('it to be noticed', async () => !(await isUp('queue')));
    const without = await read();
    expect(without.get(JOBS)!.series).toEqual([]);
    expect(valueOf(without, RUNS, { status: 'succeeded' })).toBe(1);
    expect(valueOf(without, 'sparserec_redis_connected')).toBe(0);
    await service.redis.start();
    await waitFor('it to be back', () => isUp('queue'));
  });

  it('say how many jobs wait for a worker, and for how long', async () => {
    expect(valueOf(await read(), OLDEST, { queue: 'training' })).toBe(0);
    await service.worker.kill();
    await service.send('POST', 'training-runs', { model: 'ease', parameters: { regularization: 9 } });
    await waitFor('the job', async () => {
      const jobs = valueOf(await read(), JOBS, { queue: 'training', state: 'waiting' });
      return jobs === 1 && valueOf(await read(), OLDEST, { queue: 'training' }) > 0;
    });
    expect(valueOf(await read(), RUNS, { status: 'queued' })).toBe(1);
  });
});
