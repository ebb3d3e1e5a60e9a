import type { TestingModule } from '@nestjs/testing';
import { TrainingQueue, withTimeLimit } from '#queue';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { describeOnBackends, describeWithRedis, TestRedis } from '../../support/redis.js';
import { createQueues } from './queues.js';

/** Two seconds for the call and some for a busy machine. */
const ANSWER_LIMIT_MS = 3_000;
const RUN_ID = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11';
const RUN = { id: RUN_ID, requestId: null, traceParent: null };

describeOnBackends('TrainingQueue', (on) => {
  let database: TestDatabase;
  let redis: TestRedis | null = null;
  let module: TestingModule;
  let queue: TrainingQueue;

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = on.redis ? await TestRedis.start() : null;
    const environment = { DATABASE_URL: database.url, REDIS_URL: redis?.url ?? '', QUEUE_PREFIX: 'test' };
    module = await createQueues(environment);
    queue = module.get(TrainingQueue);
  });

  afterAll(async () => {
    await module.close();
    await redis?.stop();
    await database.drop();
  });

  it('holds a run once however often it is enqueued', async () => {
    await queue.enqueue(RUN);
    await queue.enqueue(RUN);
    expect(await queue.contains(RUN_ID)).toBe(true);
    await queue.remove(RUN_ID);
    expect(await queue.contains(RUN_ID)).toBe(false);
  });

  it('has nothing against removing a run that it does not hold', async () => {
    await expect(queue.remove('absent')).resolves.toBeUndefined();
  });
});

describeWithRedis('TrainingQueue without its Redis', () => {
  let redis: TestRedis;
  let module: TestingModule;

  beforeAll(async () => {
    redis = await TestRedis.start();
    module = await createQueues({ DATABASE_URL: '', REDIS_URL: redis.url, QUEUE_PREFIX: 'test' });
    await module.get(TrainingQueue).enqueue({ ...RUN, id: 'before' });
    await redis.stop();
  });

  afterAll(async () => {
    await module.close();
    await redis.stop();
  });

  it('refuses with queue-unavailable instead of hanging, and works again when it is back', async () => {
    const queue = module.get(TrainingQueue);
    const enqueuing = withTimeLimit(queue.enqueue(RUN), ANSWER_LIMIT_MS);
    await expect(enqueuing).rejects.toMatchObject({ code: 'queue-unavailable', retryAfterSeconds: 5 });
    await redis.start();
    await queue.enqueue(RUN);
    expect(await queue.contains(RUN_ID)).toBe(true);
  });
});
