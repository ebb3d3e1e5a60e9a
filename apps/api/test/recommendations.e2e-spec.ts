import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';

const EASE = { model: 'ease', parameters: { regularization: 5 } };
const FIVE = [0, 2, 4, 6, 8].map((n) => `item-${n}`);

describeOnBackends('the service', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train(EASE);
  });
  afterAll(() => service.stop());

  const listOf = async (userId: string, query = 'k=5') =>
    (await service.get(`users/${userId}/recommendations?${query}`)).body;
  const ids = (reply: { items: { itemId: string }[] }) => reply.items.map(({ itemId }) => itemId);

  it('goes from interactions through a training run to a changed recommendation, and trains equal data once', async () => {
    const catalog = '/v1/catalogs/journey';
    const list = async (query = 'k=5') =>
      (await service.get(`${catalog}/users/user-0/recommendations?${query}`)).body;
    await service.send('PUT', catalog);
    expect((await list()).items).toEqual([]);
    const stored = await service.send('POST', `${catalog}/interactions`, { interactions: twoTastes() });
    expect(stored.body).toEqual({ stored: 320, duplicates: 0, merged: 0 });
    const sources = async () => (await list()).items.map(({ source }: { source: string }) => source);
    await waitFor('a count', async () => (await sources())[0] === 'popular');
    expect((await list()).modelId).toBeNull();
    expect(await sources()).toEqual(Array(5).fill('popular'));
    const run = await service.train(EASE, catalog);
    expect(run).toMatchObject({ status: 'succeeded', progress: 1, unchanged: false });
    const after = await list('k=3&explain=true');
    expect(after.modelId).toBe(run.modelId);
    expect(after.items).toHaveLength(3);
    for (const { itemId, source, score, because } of after.items) {
      expect(Number(itemId.split('-')[1]) % 2).toBe(0);
      expect(source).toBe('model');
      const sum = because.reduce((total: number, { part }: { part: number }) => total + part, 0);
      expect(sum).toBeCloseTo(score, 5);
    }
    expect(await service.train(EASE, catalog)).toMatchObject({ status: 'succeeded', unchanged: true });
  });

  it('recommends to a user who did not exist, in the very next call, the same as for a basket', async () => {
    const interactions = FIVE.map((itemId) => ({ userId: 'newcomer', itemId }));
    await service.send('POST', 'interactions', { interactions });
    const personal = await listOf('newcomer', 'k=6');
    expect(personal.items[0].source).toBe('model');
    const basket = await service.send('POST', 'recommendations', {
      items: FIVE.map((itemId) => ({ itemId })),
      k: 6,
    });
    expect(basket.body.items).toEqual(personal.items);
    expect(ids(personal)).not.toEqual(expect.arrayContaining([FIVE[0]]));
  });

  it('counts interactions as their type says, in the very next call', async () => {
    const record = (type: string, numbers: number[]) =>
      service.send('POST', 'interactions', {
        interactions: numbers.map((n) => ({ userId: 'picky', itemId: `item-${n}`, type })),
      });
    const partOf = async (itemId: string) => {
      const { items } = await listOf('picky', 'k=1&explain=true');
      return items[0].because.find((reason: { itemId: string }) => reason.itemId === itemId)?.part;
    };
    await record('look', [0, 2]);
    const before = await partOf('item-0');
    const put = await service.send('PUT', 'interaction-types/look', { trainingWeight: 2 });
    expect(put).toMatchObject({
      status: 200,
      body: {
        name: 'look',
        trainingWeight: 2,
        halfLifeDays: null,
        positive: true,
        excludesSeen: true,
        repeatAfterDays: null,
        repeats: 'max',
      },
    });
    expect(await partOf('item-0')).toBeCloseTo(2 * before, 5);
    expect((await service.send('PUT', 'interaction-types/skip', { positive: false })).status).toBe(201);
    await record('skip', [0]);
    expect(await partOf('item-0')).toBeUndefined();
    expect(ids(await listOf('picky', 'k=100'))).not.toContain('item-0');
    const { body } = await service.get('interaction-types');
    expect(body.items).toContainEqual({
      name: 'skip',
      trainingWeight: 1,
      halfLifeDays: null,
      positive: false,
      excludesSeen: true,
      repeatAfterDays: null,
      repeats: 'max',
      etag: expect.any(String),
    });
  });

  it('knows the last interaction in the next call, every time', async () => {
    for (let n = 0; n < 20; n++) {
      const first = ids(await listOf('walker', 'k=1'))[0];
      await service.send('POST', 'interactions', { interactions: [{ userId: 'walker', itemId: first }] });
      expect(ids(await listOf('walker', 'k=24'))).not.toContain(first);
    }
  });

  it('answers an unknown user with what is popular, labelled so, and as many as there are', async () => {
    const reply = await listOf('nobody', 'k=1000');
    expect(reply.items).toHaveLength(24);
    expect(reply.items[0].source).toBe('popular');
    expect(ids(await service.get('popular?k=1000').then(({ body }) => body))).toEqual(ids(reply));
  });

  it('takes excluded, unavailable and deleted items out at once', async () => {
    const [first, second, third] = ids(await listOf('user-0', 'k=3'));
    expect(ids(await listOf('user-0', `k=24&exclude=${first}&exclude=${second}`))).not.toEqual(
      expect.arrayContaining([first]),
    );
    await service.send('PUT', `items/${second}`, { available: false });
    await service.send('DELETE', `items/${third}`);
    const lists = [
      await listOf('user-0', 'k=24'),
      (await service.get('popular?k=24')).body,
      (await service.get(`items/item-0/similar?k=24`)).body,
    ];
    for (const list of lists) expect(ids(list).filter((id) => id === second || id === third)).toEqual([]);
    for (const id of [second, third]) await service.send('PUT', `items/${id}`, { available: true });
    expect(ids(await listOf('user-0', 'k=24'))).toEqual(expect.arrayContaining([second, third]));
  });

  it('finds items of any name', async () => {
    const id = encodeURIComponent('a/b ü?#');
    expect((await service.send('PUT', `items/${id}`, { title: 'Odd' })).status).toBe(201);
    expect((await service.get(`items/${id}`)).body).toMatchObject({ itemId: 'a/b ü?#', title: 'Odd' });
    expect((await service.send('DELETE', `items/${id}`)).status).toBe(204);
    expect((await service.get(`items/${id}`)).status).toBe(404);
  });

  it('goes back to an older model', async () => {
    const { modelId } = (await service.get('popular?k=1')).body;
    const run = await service.train({ model: 'popularity' });
    expect((await listOf('user-1')).modelId).toBe(run.modelId);
    expect((await service.send('POST', `models/${modelId}/activate`)).body.status).toBe('active');
    expect((await listOf('user-1')).modelId).toBe(modelId);
  });

  it('compares all kinds with a run on request, and shows the figures with it', async () => {
    const plain = await service.train({ model: 'ease', parameters: { regularization: 5 } });
    expect(plain).toMatchObject({ withLeaderboard: false, leaderboard: null });
    const request = { model: 'ease', parameters: { regularization: 6 }, leaderboard: true };
    const { id } = await service.train(request);
    const { body: run } = await service.get(`training-runs/${id}`);
    expect(run.withLeaderboard).toBe(true);
    const own = run.leaderboard.find((row: { model: string }) => row.model === 'ease');
    expect(own.parameters).toMatchObject({ regularization: 6 });
    expect(own.differenceToRun['ndcg@20']).toEqual({ mean: 0, ci95: [0, 0] });
    const { body: model } = await service.get(`models/${run.modelId}`);
    expect(own.metrics).toEqual(model.metrics);
    expect(run.leaderboard.map((row: { model: string }) => row.model)).toContain('item-knn');
  });

  it('tells the progress of a run by events that end with it', async () => {
    await service.send('POST', 'interactions', { interactions: [{ userId: 'user-0', itemId: 'item-20' }] });
    const { headers } = await service.send('POST', 'training-runs', { model: 'ease' });
    const { body } = await service.get(`${headers.get('location')}/events`);
    expect(body).toMatch(/event: succeeded\n/);
    expect(body).toContain('"progress":1');
  });

  it('keeps catalogs apart', async () => {
    expect((await service.send('PUT', '/v1/catalogs/other')).status).toBe(201);
    expect((await service.send('PUT', '/v1/catalogs/other')).status).toBe(200);
    expect((await service.get('/v1/catalogs/other/users/user-0/recommendations')).body.items).toEqual([]);
  });

  (redis ? it : it.skip)('answers the same while Redis is flushed under traffic', async () => {
    const expected = (await listOf('user-3', 'k=10')).items;
    for (let n = 0; n < 30; n++) {
      const replies = Promise.all(Array.from({ length: 8 }, () => listOf('user-3', 'k=10')));
      if (n % 3 === 0) await service.redis!.flush();
      for (const reply of await replies) expect(reply.items).toEqual(expected);
    }
  });

  (redis ? it : it.skip)(
    'answers and stores while Redis is away, and forgets nothing when it is back',
    async () => {
      const before = (await listOf('user-5', 'k=10')).items;
      await service.redis!.stop();
      expect((await listOf('user-5', 'k=10')).items).toEqual(before);
      const first = before[0].itemId;
      await service.send('POST', 'interactions', { interactions: [{ userId: 'user-5', itemId: first }] });
      expect(ids(await listOf('user-5', 'k=24'))).not.toContain(first);
      await service.redis!.start();
      await waitFor('Redis', async () => (await service.get('/health/ready')).body.redis === 'ok');
      expect(ids(await listOf('user-5', 'k=24'))).not.toContain(first);
    },
  );

  (redis ? it : it.skip)(
    'knows its users last while Redis and the database are away, though the cache epoch was raised',
    async () => {
      // Read a second time, since Redis tells of the write after the first one as of any other.
      await listOf('user-9', 'k=5');
      const expected = (await listOf('user-9', 'k=5')).items;
      expect((await listOf('nobody', 'k=5')).items).not.toEqual(expected);
      const epoch = async () =>
        (await service.database.query(`SELECT cache_epoch FROM catalogs WHERE id = 'default'`)).rows[0]
          .cache_epoch;
      const before = await epoch();
      await service.redis!.stop();
      await service.send('POST', 'interactions', { interactions: [{ userId: 'user-5', itemId: 'item-3' }] });
      expect(await epoch()).toBeGreaterThan(before);
      await service.database.allowConnections(false);
      expect(await listOf('user-9', 'k=5')).toMatchObject({ items: expected, stale: true });
      await service.database.allowConnections(true);
      await service.redis!.start();
      await waitFor('both', async () => (await service.get('/health/ready')).body.redis === 'ok');
      await waitFor('a list that is sure', async () => !('stale' in (await listOf('user-9', 'k=5'))));
    },
  );

  it('refuses a list when it cannot be known what the user has seen, and answers the popular one', async () => {
    await service.database.allowConnections(false);
    const { status, body } = await service.get('users/never-asked-for/recommendations?k=5');
    expect([status, body.type]).toEqual([503, '/problems/database-unavailable']);
    expect((await service.get('popular?k=5')).body.items).toHaveLength(5);
    await service.database.allowConnections(true);
    // What is in memory is given up when changes are heard again.
    await waitFor(
      'the database',
      async () => (await service.get('/health/ready')).body.changeFeed === 'listening',
    );
  });

  it('answers from memory while the database refuses connections, and recovers', async () => {
    const expected = (await listOf('user-7', 'k=5')).items;
    await service.database.allowConnections(false);
    expect((await listOf('user-7', 'k=5')).items).toEqual(expected);
    const refused = await service.send('POST', 'interactions', {
      interactions: [{ userId: 'user-7', itemId: 'item-1' }],
    });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    await waitFor('it to be noticed', async () => (await service.get('/health/ready')).status === 503);
    await service.database.allowConnections(true);
    await waitFor(
      'the database',
      async () =>
        (
          await service.send('POST', 'interactions', {
            interactions: [{ userId: 'user-7', itemId: 'item-1' }],
          })
        ).status === 200,
    );
  });
});
