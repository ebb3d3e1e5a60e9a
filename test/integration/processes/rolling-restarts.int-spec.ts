import { twoTastes } from '../../support/api.js';
import { Balancer, Instance, json, SteadyLoad } from '../../support/balancer.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { describeWithRedis, findFreePort, TestRedis } from '../../support/redis.js';

/** For some seconds of every kind of call before and after each restart, on a loaded machine. */
const LIMIT_MS = 300_000;
const ROWS_A_POST = 10_000;
const ROWS_AN_IMPORT = 2_000;
const mixedLoad = (balancer: Balancer) =>
  new SteadyLoad({
    lists: (n) => list(balancer, n),
    otherLists: (n) => list(balancer, n + 7),
    batches: () => listBatch(balancer),
    posts: (n) => post(balancer, n),
    imports: (n) => importRows(balancer, n),
  });

async function list(balancer: Balancer, n: number): Promise<void> {
  await balancer.send(`/users/user-${n % 40}/recommendations?k=10${n % 3 === 0 ? '&explain=true' : ''}`);
}

async function listBatch(balancer: Balancer): Promise<void> {
  const requests = Array.from({ length: 200 }, (_, n) => ({ userId: `user-${n % 40}`, k: 10 }));
  const lines = await balancer.send('/recommendations/batch', json({ requests }));
  expect(lines.trim().split('\n')).toHaveLength(requests.length);
}

async function post(balancer: Balancer, n: number): Promise<void> {
  const interactions = Array.from({ length: ROWS_A_POST }, (_, row) => ({
    userId: `poster-${n}-${row}`,
    itemId: `item-${row % 24}`,
    occurredAt: '2026-01-02T00:00:00Z',
  }));
  const text = await balancer.send('/interactions', json({ interactions }));
  expect(JSON.parse(text)).toMatchObject({ stored: ROWS_A_POST, duplicates: 0 });
}

async function importRows(balancer: Balancer, n: number): Promise<void> {
  const rows = Array.from(
    { length: ROWS_AN_IMPORT },
    (_, row) => `importer-${n}-${row},item-${row % 24},2026-01-03T00:00:00Z\n`,
  );
  const text = await balancer.send('/interactions/import', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: `userId,itemId,occurredAt\n${rows.join('')}`,
  });
  expect(JSON.parse(text)).toMatchObject({ stored: ROWS_AN_IMPORT });
}

describeWithRedis('two API processes that are restarted in turn under load', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let instances: readonly Instance[];
  let load: ReturnType<typeof mixedLoad> | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await TestRedis.start();
    const stores = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    instances = [new Instance(stores, await findFreePort()), new Instance(stores, await findFreePort())];
    for (const instance of instances) await instance.start();
  });
  afterAll(async () => {
    await load?.stop();
    for (const instance of instances) {
      instance.agent.destroy();
      await instance.stop();
    }
    await redis.stop();
    await database.drop();
  });

  it(
    'answer every call of a client that asks those that are ready, and store each acknowledged row once',
    async () => {
      const balancer = new Balancer(instances);
      await balancer.send('/interactions', json({ interactions: twoTastes() }));
      const calls = (load = mixedLoad(balancer));
      for (const instance of instances) {
        await calls.untilMoreAnswered(LIMIT_MS);
        const { code, events } = await instance.stop();
        expect({ code, events }).toEqual({ code: 0, events: expect.arrayContaining(['api.drained']) });
        await calls.untilMoreAnswered(LIMIT_MS);
        await instance.start();
      }
      await calls.stop();
      expect(calls.failures).toEqual([]);
      const { rows } = await database.query(
        `SELECT count(*)::int AS stored FROM interactions i JOIN users u USING (catalog_id, user_key) WHERE external_id ~ '^(poster|importer)-'`,
      );
      const { posts, imports } = calls.numAnswered;
      expect(rows).toEqual([{ stored: posts * ROWS_A_POST + imports * ROWS_AN_IMPORT }]);
      console.info(`answered while restarting: ${JSON.stringify(calls.numAnswered)}`);
    },
    LIMIT_MS,
  );
});
