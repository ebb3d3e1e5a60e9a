import pg from 'pg';
import { redisConnection } from '#queue';
import { TestService, twoTastes, type AnotherApi } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';

const SHOP = '/v1/catalogs/shop';

describeOnBackends('DELETE of a catalog', ({ redis }) => {
  let service: TestService;
  let second: AnotherApi;

  // Only the call that it gets may delete anything: what it leaves is the other's.
  const startSecond = async () => (second = await service.startAnotherApi({ RECONCILE_SECONDS: '3600' }));

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await startSecond();
  });
  afterAll(async () => {
    await second.process.kill();
    await service.stop();
  });

  const fill = async () => {
    expect((await service.send('PUT', SHOP)).status).toBe(201);
    await service.send('POST', `${SHOP}/interactions`, { interactions: twoTastes() });
    const request = { model: 'ease', parameters: { regularization: 5 } };
    expect(await service.train(request, SHOP)).toMatchObject({ status: 'succeeded' });
  };
  const listAtSecond = (userId: string) => fetch(`${second.url}${SHOP}/users/${userId}/recommendations?k=3`);
  const receipt = async (location: string) =>
    waitFor('the end of the deletion', async () => {
      const { body } = await service.get(location);
      return body.status === 'done' && body;
    });
  const ownKeys = async () => {
    if (!service.redis) return [];
    const client = redisConnection({ REDIS_URL: service.redis.url });
    const keys = await client.keys('*:shop[:/]*');
    client.disconnect();
    return keys;
  };

  it('takes everything, at every process, and leaves a receipt and a free name', async () => {
    await fill();
    const schedule = { cron: '0 3 * * *', timeZone: 'UTC', model: 'ease' };
    await service.send('PUT', `${SHOP}/schedules/nightly`, schedule);
    const paths = [
      'users/user-1/recommendations?k=3&paging=true',
      'users/user-1/recommendations?rotation=0.5',
      'popular?windowDays=3650',
    ];
    for (const path of paths) expect((await service.get(`${SHOP}/${path}`)).status).toBe(200);
    expect((await listAtSecond('user-1')).status).toBe(200);
    if (redis) expect((await ownKeys()).length).toBeGreaterThan(3);

    const { status, headers, body } = await service.send('DELETE', SHOP);
    expect([status, body.catalogId]).toEqual([202, 'shop']);
    expect(await receipt(headers.get('location')!)).toMatchObject({
      deleted: { interactions: 320, users: 40, items: 24, models: 1, trainingRuns: 1 },
    });
    for (const path of ['', '/items', '/popular', '/usage', '/models', '/users/user-1/recommendations'])
      expect([path, (await service.get(SHOP + path)).body.type]).toEqual([
        path,
        '/problems/catalog-not-found',
      ]);
    await waitFor('the second API to forget it', async () => (await listAtSecond('user-1')).status === 404);
    expect((await service.send('DELETE', SHOP)).body.type).toBe('/problems/catalog-not-found');
    await waitFor('the schedule to leave the queue', async () => (await ownKeys()).length === 0);

    expect((await service.send('PUT', SHOP)).body).toMatchObject({ userCount: 0, itemCount: 0 });
    const interactions = [{ userId: 'user-2', itemId: 'other' }];
    await service.send('POST', `${SHOP}/interactions`, { interactions });
    const list = { items: [expect.objectContaining({ itemId: 'other' })], modelId: null };
    for (const url of [service.url, second.url]) {
      const popular = await fetch(`${url}${SHOP}/popular?windowDays=3650`);
      expect(await popular.json()).toMatchObject(list);
      const forUser = await fetch(`${url}${SHOP}/users/user-1/recommendations?k=3&rotation=0.5`);
      expect(await forUser.json()).toMatchObject(list);
    }
    await service.send('DELETE', SHOP);
  });

  it('ends training, and the stream of who follows it', async () => {
    await service.send('PUT', SHOP);
    await service.send('POST', `${SHOP}/interactions`, { interactions: twoTastes(400) });
    const request = { model: 'lightgcl', parameters: { epochs: 1_000, batchSize: 16, patience: 0 } };
    const { headers } = await service.send('POST', `${SHOP}/training-runs`, request);
    const address = headers.get('location')!;
    await waitFor('the fit', async () => (await service.get(address)).body.stage === 'fitting');
    const following = service.get(`${address}/events`);
    const { headers: deleted } = await service.send('DELETE', SHOP);
    await receipt(deleted.get('location')!);
    expect((await following).status).toBe(200);
    // One run at a time: another is trained only when this one has left the worker.
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    expect((await service.train()).status).toBe('succeeded');
    expect((await service.database.query(`SELECT FROM models WHERE catalog_id = 'shop'`)).rowCount).toBe(0);
  });

  it('is finished by another process when one is killed in the middle', async () => {
    await fill();
    const holder = new pg.Client({ connectionString: service.database.url });
    await holder.connect();
    await holder.query(`BEGIN; SELECT FROM catalogs WHERE id = 'shop' FOR KEY SHARE`);
    const call = fetch(second.url + SHOP, { method: 'DELETE' }).catch(() => null);
    await waitFor('the rows to go', async () => {
      const { rows } = await service.database.query(
        `SELECT count(*)::int AS count FROM users WHERE catalog_id = 'shop'`,
      );
      return rows[0].count === 0;
    });
    await second.process.kill();
    await call;
    expect((await service.get(`${SHOP}/popular`)).body.type).toBe('/problems/catalog-not-found');
    const refused = await service.send('PUT', SHOP);
    expect([refused.status, refused.body.type]).toEqual([409, '/problems/catalog-being-deleted']);
    await startSecond();
    expect((await listAtSecond('user-1')).status).toBe(404);
    await holder.end();
    await waitFor('the name', async () => (await service.send('PUT', SHOP)).status === 201);
    expect((await service.get(`${SHOP}/users/user-1/recommendations`)).body.items).toEqual([]);
    await service.send('DELETE', SHOP);
  });

  if (redis)
    it('is finished when Redis is back, and not sooner', async () => {
      await fill();
      await service.get(`${SHOP}/users/user-1/recommendations?rotation=0.5`);
      await service.redis!.stop();
      const { status, headers, body } = await service.send('DELETE', SHOP);
      expect([status, body.status]).toEqual([202, 'running']);
      expect((await service.get(`${SHOP}/users/user-1/recommendations`)).status).toBe(404);
      expect((await service.send('PUT', SHOP)).status).toBe(409);
      await service.redis!.start();
      await receipt(headers.get('location')!);
      expect((await service.send('PUT', SHOP)).status).toBe(201);
      await service.send('DELETE', SHOP);
    });

  it('says that there is no such deletion', async () => {
    const { status, body } = await service.get('/v1/catalog-deletions/nothing');
    expect([status, body.type]).toEqual([404, '/problems/catalog-deletion-not-found']);
  });
});
