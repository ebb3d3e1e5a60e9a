import { setTimeout as delay } from 'node:timers/promises';
import { checkRedis } from '#queue';
import { waitFor } from '../../support/processes.js';
import { describeWithRedis, TestRedis } from '../../support/redis.js';
import { CATALOG, FREQUENT_SCHEDULE, HUGE, SMALL, WorkerHarness } from './harness.js';

/** Longer than any of BullMQ's own retries; some of its versions never resume after this. */
const OUTAGE_MS = 60_000;
const RESUME_LIMIT_MS = 10_000;

describeWithRedis('a worker whose Redis fails', () => {
  let harness: WorkerHarness;

  beforeEach(async () => {
    harness = await WorkerHarness.create('Redis');
    await harness.record(SMALL);
  });
  afterEach(async () => {
    await harness.close();
  });

  it('puts a queued run back after the queue was flushed', async () => {
    const { id } = await harness.startRun();
    await harness.redis.flush();
    expect(await harness.queue.contains(id)).toBe(false);
    const worker = await harness.startWorker();
    await worker.waitForEvent('training.requeued', (line) => line['runId'] === id);
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded' });
  });

  it('trains a run that could not be enqueued', async () => {
    const { id } = await harness.createRun();
    await harness.startWorker();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded' });
  });

  it('keeps its schedules over a flush and a restart', async () => {
    const nextOutcome = async () => {
      const before = await harness.schedules.load(CATALOG, FREQUENT_SCHEDULE);
      await waitFor('a later tick', async () => {
        const { lastTickAt } = await harness.schedules.load(CATALOG, FREQUENT_SCHEDULE);
        return lastTickAt !== null && lastTickAt.getTime() !== before.lastTickAt?.getTime();
      });
    };
    await harness.putFrequentSchedule();
    await harness.startWorker();
    await nextOutcome();
    await harness.redis.flush();
    await nextOutcome();
    await harness.stopWorkers();
    await harness.redis.flush();
    await harness.startWorker();
    await nextOutcome();
  });

  it('takes jobs again within seconds when Redis was away for a minute', async () => {
    const worker = await harness.startWorker();
    await harness.waitUntilFinished((await harness.startRun()).id);
    await harness.redis.stop();
    await worker.waitForEvent('queue.disconnected');
    await delay(OUTAGE_MS);
    await harness.redis.start();
    const { id } = await harness.startRun({ regularization: 10 });
    expect(await harness.waitUntilFinished(id, RESUME_LIMIT_MS)).toMatchObject({ status: 'succeeded' });
    expect(worker.hasExited).toBe(false);
  }, 120_000);

  it('finishes the run it works on while Redis is away', async () => {
    const worker = await harness.startWorker();
    const { id } = await harness.startRun();
    await worker.waitForEvent('training.started');
    await harness.redis.stop();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded' });
    await harness.redis.start();
    const next = await harness.startRun({ regularization: 10 });
    expect(await harness.waitUntilFinished(next.id)).toMatchObject({ status: 'succeeded' });
  });

  it('waits for Redis at its start and says so', async () => {
    await harness.redis.stop();
    const worker = harness.spawnWorker();
    await worker.waitForEvent('worker.waiting', (line) => line['server'] === 'Redis');
    await harness.redis.start();
    await worker.waitForEvent('worker.started');
  });

  it('ends as it is told to although Redis is away', async () => {
    const worker = await harness.startWorker();
    await harness.redis.stop();
    await worker.waitForEvent('queue.disconnected');
    expect(await worker.kill('SIGTERM')).toBe(0);
    expect(worker.log.filter(({ event }) => event.endsWith('abandoned'))).toEqual([]);
  });

  it('leaves its run to others when it ends while Redis is away', async () => {
    await harness.record(HUGE);
    const leaving = await harness.startWorker();
    const { id } = await harness.startRun();
    await harness.waitForStage(id, 'fitting');
    await harness.redis.stop();
    await leaving.waitForEvent('queue.disconnected');
    expect(await leaving.kill('SIGTERM')).toBe(0);
    expect(leaving.log.map(({ event }) => event)).toContain('training.not-handed-back');
    await harness.redis.start();
    await harness.startWorker();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded', attempts: 2 });
  });
});

describeWithRedis('a Redis that may evict jobs', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await TestRedis.start('allkeys-lru');
  });
  afterAll(async () => {
    await redis.stop();
  });

  it('is refused with the way to mend it', async () => {
    await expect(checkRedis({ REDIS_URL: redis.url })).rejects.toThrow(
      /maxmemory-policy allkeys-lru .* CONFIG SET maxmemory-policy noeviction/,
    );
  });

  it('keeps a worker from starting', async () => {
    const harness = await WorkerHarness.create('PostgreSQL');
    const worker = harness.spawnWorker({ REDIS_URL: redis.url });
    expect(await worker.exited()).toBe(1);
    expect(worker.log.map(({ event, reason }) => ({ event, reason }))).toContainEqual({
      event: 'worker.not-started',
      reason: expect.stringContaining('noeviction'),
    });
    await harness.close();
  });
});
