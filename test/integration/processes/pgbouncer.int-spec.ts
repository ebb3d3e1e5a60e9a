import { join } from 'node:path';
import { Database, InteractionsRepository, migrate } from '#data';
import { TestService, twoTastes, type AnotherApi, type Reply } from '../../support/api.js';
import { describeWithPgBouncer, TestPgBouncer } from '../../support/pgbouncer.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';
import { findFreePort, REDIS_SERVER, TestRedis } from '../../support/redis.js';

const MIGRATIONS = join(import.meta.dirname, '../../../prisma/migrations');
const DEFAULT = '/v1/catalogs/default';
const SHOP = '/v1/catalogs/shop';
const WRITERS = 12;

const describeWithAll = REDIS_SERVER === '' ? describe.skip : describeWithPgBouncer;

describeWithAll('two API processes and a worker behind a pooler in transaction mode', () => {
  let service: TestService;
  let second: AnotherApi;

  const atSecond = async (path: string): Promise<Pick<Reply, 'status' | 'body'>> => {
    const response = await fetch(second.url + path);
    return { status: response.status, body: await response.json() };
  };
  const listAtSecond = async () =>
    ((await atSecond(`${DEFAULT}/users/user-1/recommendations?k=100`)).body.items as Reply['body'][]).map(
      ({ itemId }) => itemId,
    );

  beforeAll(async () => {
    service = await TestService.start({ redis: true, reach: (url) => TestPgBouncer.start(url) });
    second = await service.startAnotherApi();
  });
  afterAll(async () => {
    await second.process.kill('SIGTERM');
    await service.stop();
  });

  it('says once that it polls', async () => {
    expect((await service.get('/health/ready')).body.changeFeed).toBe('polling');
    expect((await atSecond('/health/ready')).body.changeFeed).toBe('polling');
    for (const child of [service.api, service.worker, second.process]) {
      await child.waitForEvent('changes.polling');
      expect(child.log.filter(({ event }) => event === 'changes.polling')).toHaveLength(1);
    }
  });

  it('stores what many writers post at once, through connections that wander', async () => {
    const rows = twoTastes();
    const size = Math.ceil(rows.length / WRITERS);
    const parts = Array.from({ length: WRITERS }, (_, n) => rows.slice(n * size, (n + 1) * size));
    const replies = await Promise.all(
      parts.map((interactions) => service.send('POST', 'interactions', { interactions })),
    );
    const stored = replies.map(({ body }) => Number(body.stored)).reduce((sum, count) => sum + count, 0);
    expect(stored).toBe(rows.length);
    const csv = `userId,itemId,occurredAt\nuser-1,item-imported,2026-01-01T00:00:00Z\n`;
    const { body } = await service.send('POST', 'interactions/import', csv, 'text/csv');
    expect(body).toMatchObject({ stored: 1 });
  });

  it('serves a model at both once it is trained, and follows the run to its end', async () => {
    const { headers } = await service.send('POST', 'training-runs', { model: 'ease' });
    const following = service.get(`${headers.get('location')}/events`);
    expect((await following).body).toMatch(/event: succeeded\n/);
    const run = (await service.get(headers.get('location')!)).body;
    await waitFor(
      'the model here',
      async () => (await service.get(`${DEFAULT}/popular`)).body.modelId === run.modelId,
    );
    await waitFor(
      'the model there',
      async () => (await atSecond(`${DEFAULT}/popular`)).body.modelId === run.modelId,
    );
  });

  it('takes in at one process what items the other one changes', async () => {
    const [itemId] = await listAtSecond();
    await service.send('PUT', `items/${itemId}`, { available: false });
    await waitFor('it to go', async () => !(await listAtSecond()).includes(itemId));
    await service.send('PUT', `items/${itemId}`, { available: true });
    await waitFor('it to come back', async () => (await listAtSecond()).includes(itemId));
  });

  it('hands a changed schedule to the worker', async () => {
    await service.send('PUT', 'schedules/nightly', { cron: '0 3 * * *', timeZone: 'UTC', model: 'ease' });
    await service.worker.waitForEvent('schedule.mirrored', ({ scheduleName }) => scheduleName === 'nightly');
    await service.send('DELETE', 'schedules/nightly');
    await service.worker.waitForEvent('schedule.unmirrored');
  });

  it('deletes a catalog at both', async () => {
    await service.send('PUT', SHOP);
    await service.send('POST', `${SHOP}/interactions`, { interactions: twoTastes() });
    expect((await atSecond(`${SHOP}/popular`)).status).toBe(200);
    const { headers } = await service.send('DELETE', SHOP);
    await waitFor(
      'the receipt',
      async () => (await service.get(headers.get('location')!)).body.status === 'done',
    );
    await waitFor('the other process', async () => (await atSecond(`${SHOP}/popular`)).status === 404);
  });

  it('listens where it is told how to go around the pooler', async () => {
    const third = await service.startAnotherApi({ DIRECT_DATABASE_URL: service.database.url });
    const response = await fetch(`${third.url}/health/ready`);
    expect(await response.json()).toMatchObject({ changeFeed: 'listening' });
    await third.process.kill('SIGTERM');
  });
});

describeWithPgBouncer('a database behind a pooler in transaction mode', () => {
  let database: TestDatabase;
  let pooler: TestPgBouncer;

  beforeEach(async () => {
    database = await createTestDatabase();
    pooler = await TestPgBouncer.start(database.url);
  });
  afterEach(async () => {
    await pooler.stop();
    await database.drop();
  });

  it('is migrated once when two migrate it at the same time', async () => {
    await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const both = await Promise.all([migrate(pooler.url, MIGRATIONS), migrate(pooler.url, MIGRATIONS)]);
    const names = both.flat();
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    expect(await migrate(pooler.url, MIGRATIONS)).toEqual([]);
  });

  it('keeps the rows of another version apart, whose staging tables are still there', async () => {
    const behind = Database.connect(pooler.url);
    for (let n = 0; n < 50; n++)
      await behind.pool.query(
        'CREATE TEMP TABLE IF NOT EXISTS staged_interactions (other int); CREATE TEMP TABLE IF NOT EXISTS stored_users (other int)',
      );
    const row = { userId: 'u', itemId: 'i', type: 'view', weight: 1, occurredAt: new Date('2026-01-01') };
    expect(await new InteractionsRepository(behind).record('default', [row])).toMatchObject({ stored: 1 });
    await behind.close();
  });

  it.each(['api', 'worker'])(
    'does not keep queues for the process %s, which says what to set',
    async (name) => {
      const entry = `programs/${name}.js`;
      const child = new ServiceProcess(entry, { DATABASE_URL: pooler.url });
      expect(await child.exited()).toBe(1);
      expect(child.log.at(-1)?.['reason']).toMatch(
        /^DATABASE_URL: notifications do not come through.*Set REDIS_URL, or DIRECT_DATABASE_URL/,
      );
      const PORT = String(await findFreePort());
      const both = { DATABASE_URL: pooler.url, DIRECT_DATABASE_URL: database.url, PORT };
      const started = new ServiceProcess(entry, both);
      await started.waitForEvent(`${name}.started`);
      expect(await started.kill('SIGTERM')).toBe(0);
    },
  );

  it('is refused with a schema that the pooler does not pass on, and used where the role has it', async () => {
    const redis = REDIS_SERVER === '' ? null : await TestRedis.start();
    const withSchema = (url: string) => `${url}?schema=tenant`;
    const start = async (url: string) => {
      const PORT = String(await findFreePort());
      const REDIS_URL = redis?.url ?? '';
      return new ServiceProcess('programs/api.js', {
        ...{ DATABASE_URL: withSchema(url), DIRECT_DATABASE_URL: redis ? '' : database.url },
        ...{ PORT, REDIS_URL },
      });
    };
    const refused = await start(pooler.url);
    expect(await refused.exited()).toBe(1);
    expect(refused.log.at(-1)?.['reason']).toMatch(/^DATABASE_URL: the pooler takes no schema.*ALTER ROLE/);

    await migrate(withSchema(database.url), MIGRATIONS);
    const passing = await TestPgBouncer.start(database.url, ['ignore_startup_parameters = options']);
    const lost = await start(passing.url);
    expect(await lost.exited()).toBe(1);
    expect(lost.log.at(-1)?.['reason']).toMatch(/^DATABASE_URL: the connection is not in the schema/);
    await passing.stop();

    const role = new URL(database.url).username;
    await database.query(
      `ALTER ROLE ${role} IN DATABASE ${new URL(database.url).pathname.slice(1)} SET search_path = tenant`,
    );
    const fresh = await TestPgBouncer.start(database.url, ['ignore_startup_parameters = options']);
    const used = await start(fresh.url);
    await used.waitForEvent('api.started');
    await used.kill('SIGTERM');
    await fresh.stop();
    await redis?.stop();
  });
});
