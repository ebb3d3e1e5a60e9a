import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { migrate } from '#data';
import { twoTastes } from '../../support/api.js';
import { Balancer, Instance, json, SteadyLoad } from '../../support/balancer.js';
import { call } from '../../support/http.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import {
  buildPreviousRelease,
  describeWithPreviousRelease,
  PREVIOUS_RELEASE,
} from '../../support/previous-release.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';
import { findFreePort, REDIS_SERVER, TestRedis } from '../../support/redis.js';

const ROOT = join(import.meta.dirname, '../../..');
const MIGRATIONS = 'prisma/migrations';
const LIMIT_MS = 120_000;
const describeWithAll = REDIS_SERVER === '' ? describe.skip : describeWithPreviousRelease;

describeWithAll(`an upgrade from ${PREVIOUS_RELEASE.version} under load`, () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let load: ReturnType<typeof steadyLoad> | undefined;
  const instances: Instance[] = [];
  const workers: ServiceProcess[] = [];
  const numPosted = { rows: 0, items: 0 };

  const steadyLoad = (balancer: Balancer) =>
    new SteadyLoad({
      posts: async (n) => {
        const interactions = [{ userId: `poster-${n}`, itemId: `posted-${n % 50}` }];
        const text = await balancer.send('/interactions', json({ interactions }));
        expect(JSON.parse(text)).toMatchObject({ stored: 1 });
        numPosted.rows++;
      },
      lists: async (n) => {
        const text = await balancer.send(`/users/user-${n % 40}/recommendations?k=5`);
        expect(JSON.parse(text).items).toHaveLength(5);
      },
      items: async (n) => {
        await balancer.send(`/items/put-${n}`, json({ title: `Title ${n}` }, 'PUT'));
        numPosted.items++;
      },
    });

  const stores = () => ({ DATABASE_URL: database.url, REDIS_URL: redis.url, RECONCILE_SECONDS: '1' });
  const startApi = async (entry: string) => {
    const instance = new Instance(stores(), await findFreePort(), entry);
    instances.push(instance);
    await instance.start();
    return instance;
  };
  const startWorker = async (entry: string) => {
    const env = { ...stores(), TRAINING_THREADS: '1', TRAINING_CHECKPOINT_SECONDS: '0' };
    const worker = new ServiceProcess(entry, env);
    workers.push(worker);
    await worker.waitForEvent('worker.started');
    return worker;
  };
  const get = async (instance: Instance, path: string) =>
    JSON.parse((await call(instance.url + path)).text) as Record<string, unknown>;

  /** Takes a second even on toy data, so that a worker can be stopped meanwhile. @returns its path */
  const startRun = async (instance: Instance, epochs: number) => {
    const parameters = { factors: 8, epochs, patience: epochs };
    const body = json({ model: 'lightgcl', parameters, activate: true });
    const { text } = await call(`${instance.url}/v1/catalogs/default/training-runs`, body);
    return `/v1/catalogs/default/training-runs/${JSON.parse(text).id}`;
  };
  const untilFinished = (instance: Instance, run: string) =>
    waitFor(
      'the run to end',
      async () => {
        const state = await get(instance, run);
        return state['finishedAt'] === null ? null : state;
      },
      LIMIT_MS,
    );

  afterAll(async () => {
    await load?.stop();
    for (const instance of instances) {
      instance.agent.destroy();
      await instance.stop();
    }
    for (const worker of workers) await worker.kill();
    await redis.stop();
    await database.drop();
  });

  let old: Instance;
  let oldWorker: ServiceProcess;
  let first: Record<string, unknown>;
  let finished: Record<string, unknown>;
  const answersGoOn = () => load!.untilMoreAnswered();

  beforeAll(async () => {
    const folder = buildPreviousRelease();
    const built = (program: string) =>
      relative(join(ROOT, 'dist'), join(folder, `dist/apps/${program}/src/main.js`));
    database = await createTestDatabase({ isMigrated: false });
    redis = await TestRedis.start();
    await migrate(database.url, join(folder, MIGRATIONS));
    old = await startApi(built('api'));
    oldWorker = await startWorker(built('worker'));
    const balancer = new Balancer(instances);
    await balancer.send('/interactions', json({ interactions: twoTastes() }));
    load = steadyLoad(balancer);
  }, LIMIT_MS);

  it(
    'ends a run of the old worker that began before the migrations',
    async () => {
      const run = await startRun(old, 40);
      await waitFor('it to begin', async () => (await get(old, run))['startedAt']);
      const applied = await migrate(database.url, join(ROOT, MIGRATIONS));
      expect(applied.length).toBeGreaterThan(0);
      first = await untilFinished(old, run);
      expect(first).toMatchObject({ status: 'succeeded', error: null });
    },
    LIMIT_MS,
  );

  it(
    'ends a run at the new worker that the old one began on the new schema',
    async () => {
      const run = await startRun(old, 60);
      await waitFor('some epochs on the new schema', async () => (await get(old, run))['epoch']);
      expect(await oldWorker.kill('SIGTERM')).toBe(0);
      expect(await get(old, run)).toMatchObject({ finishedAt: null });
      await answersGoOn();
      const deleted = await call(`${old.url}/v1/catalogs/default/items/put-0`, { method: 'DELETE' });
      expect(deleted.status).toBe(204);
      await startApi('programs/api.js');
      await answersGoOn();
      await startWorker('programs/worker.js');
      finished = await untilFinished(old, run);
      expect(finished).toMatchObject({ status: 'succeeded', error: null });
    },
    LIMIT_MS,
  );

  it(
    'fails no call on the way: the new process serves its model, and the old one goes on with its own',
    async () => {
      const servedBy = async (instance: Instance) =>
        (await get(instance, '/v1/catalogs/default/popular'))['modelId'];
      for (const instance of instances.filter((started) => started !== old))
        await waitFor('its model', async () => (await servedBy(instance)) === finished['modelId']);
      await waitFor('the old one to refuse it', () => old.events.includes('model.corrupt'));
      expect(await servedBy(old)).toBe(first['modelId']);
      await answersGoOn();
      expect(await old.stop()).toMatchObject({ code: 0 });
      await answersGoOn();
      await load!.stop();
      expect(load!.failures).toEqual([]);
    },
    LIMIT_MS,
  );

  it('has stored what both releases acknowledged, and counts it', async () => {
    const { rows } = await database.query(
      `SELECT count(*)::int AS stored FROM interactions i JOIN users u USING (catalog_id, user_key) WHERE external_id LIKE 'poster-%'`,
    );
    expect(rows).toEqual([{ stored: numPosted.rows }]);
    const { rows: counted } = await database.query(
      `SELECT user_rows - (SELECT count(*) FROM users)::int AS users, item_rows - (SELECT count(*) FROM items)::int AS items FROM catalogs`,
    );
    expect(counted).toEqual([{ users: 0, items: 0 }]);
  });

  it('counts what processes of 0.1 have deleted once it is told to, as docs/operations.md says', async () => {
    const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    const [, sql = ''] = /^```sql\n(UPDATE catalogs [^]*?)^```$/m.exec(page) ?? [];
    await database.query(sql);
    expect((await database.query('SELECT deleted_items AS deleted FROM catalogs')).rows).toEqual([
      { deleted: 1 },
    ]);
  });
});
