import { ActivityRepository, Database } from '#data';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { postWithKey } from '../../../test/support/idempotent-post.js';
import { describeOnBackends } from '../../../test/support/redis.js';
import type { UsageReply } from '../src/usage/dto/usage.dto.js';

describeOnBackends('usage', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
    const { body } = await service.get('users/user-0/recommendations?k=1');
    const repeated = { ...twoTastes()[0], recommendationId: body.recommendationId };
    const interactions = [{ ...repeated, type: 'view' }];
    await postWithKey(service.url, 'interactions', { key: 'one', body: { interactions } });
    await service.send('PUT', 'users/user-1', { metadata: { city: 'Rome' } });
  });
  afterAll(() => service.stop());

  const usage = async (catalog = 'default'): Promise<UsageReply> =>
    (await service.get(`/v1/catalogs/${catalog}/usage`)).body;
  const entryOf = (reply: UsageReply, store: string, kind: string) =>
    reply.entries.find((entry) => entry.store === store && entry.kind === kind)!;

  it('counts what there is and stays below what it says is the most', async () => {
    for (let user = 0; user < 40; user++) await service.get(`users/user-${user}/recommendations?k=3`);
    await service.get('users/user-0/recommendations?k=3&rotation=0.5&paging=true');
    await service.get('popular?filter=%7B%22tags%22%3A%7B%22any%22%3A%5B%22a%22%5D%7D%7D');
    const reply = await usage();
    expect(reply.counts).toEqual({ users: 40, items: 24, interactions: 321, models: 1 });
    expect(reply.redis).toBe(redis ? 'measured' : 'none');
    for (const entry of reply.entries) {
      if (entry.kind !== 'queues') expect([entry, entry.bytes > 0]).toEqual([entry, true]);
      if (entry.atMostBytes !== null)
        expect([entry, entry.bytes <= entry.atMostBytes]).toEqual([entry, true]);
    }
    expect(entryOf(reply, 'process', 'users')).toMatchObject({ count: 40, bytes: 40 * 8 * 8 });
    const rows = entryOf(reply, 'postgres', 'interactions');
    expect([rows.count, rows.measured]).toEqual([321, 321]);
    expect(entryOf(reply, 'postgres', 'attributed-interactions').count).toBe(1);
    expect(entryOf(reply, 'postgres', 'idempotency-keys').count).toBe(1);
    const { rows: sizes } = await service.database.query(
      "SELECT pg_total_relation_size('interactions') AS bytes",
    );
    expect(rows.bytes).toBe(Number(sizes[0].bytes));
    if (!redis) return;
    expect(entryOf(reply, 'redis', 'users')).toMatchObject({ count: 40, measured: null });
    expect(entryOf(reply, 'redis', 'item-side').count).toBe(1);
    expect(entryOf(reply, 'redis', 'queues').count).toBeGreaterThan(0);
  });

  it('tells catalogs apart', async () => {
    await service.send('PUT', '/v1/catalogs/other');
    await service.send('POST', '/v1/catalogs/other/interactions', {
      interactions: twoTastes(10),
    });
    const [own, other] = [await usage(), await usage('other')];
    expect(own.counts.interactions).toBe(321);
    expect(other.counts).toMatchObject({ users: 10, interactions: 80, models: 0 });
    expect(entryOf(other, 'process', 'item-side').bytes).toBe(0);
    const bytes = (reply: UsageReply) => entryOf(reply, 'postgres', 'interactions').bytes;
    expect(bytes(own) / bytes(other)).toBeCloseTo(321 / 80, 2);
    if (redis) expect(entryOf(other, 'redis', 'item-side').count).toBe(0);
  });

  it('counts the tags of items that are new to the model, once somebody asked for a list', async () => {
    expect(entryOf(await usage(), 'process', 'new-items')).toBeUndefined();
    await service.send('PUT', 'items/fresh', { tags: ['even'] });
    await service.get('users/user-0/recommendations?k=3');
    const { bytes, atMostBytes } = entryOf(await usage(), 'process', 'new-items');
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(atMostBytes!);
  });

  it('counts interactions by day of UTC, of a catalog and of an item, up to the newest', async () => {
    await service.send('PUT', '/v1/catalogs/days');
    const at = (itemId: string, occurredAt: string, type = 'view') => ({
      ...{ userId: 'ada', itemId, type, occurredAt },
    });
    await service.send('POST', '/v1/catalogs/days/interactions', {
      interactions: [
        at('one', '2026-02-09T23:59:59.999Z'),
        at('one', '2026-02-11T01:00:00+02:00'),
        at('one', '2026-02-10T00:00:00Z', 'like'),
        at('two', '2026-02-12T12:00:00Z'),
        at('two', '2025-02-12T12:00:00Z'),
      ],
    });
    const activity = async (path: string) => (await service.get(`/v1/catalogs/days/${path}`)).body;
    const of = (...days: (readonly [string, number])[]) => ({
      ...{ days: days.map(([date, interactions]) => ({ date, interactions })), counted: 1 },
    });
    expect(await activity('activity?days=3')).toEqual(of(['2026-02-10', 2], ['2026-02-12', 1]));
    expect(await activity('activity')).toEqual(of(['2026-02-09', 1], ['2026-02-10', 2], ['2026-02-12', 1]));
    expect(await activity('items/one/activity?days=1')).toEqual(of(['2026-02-10', 2]));
    expect(await activity('items/two/activity?days=366')).toEqual(of(['2025-02-12', 1], ['2026-02-12', 1]));
    expect((await service.get('/v1/catalogs/days/items/three/activity')).status).toBe(404);
    expect((await service.get('/v1/catalogs/days/activity?days=1097')).status).toBe(422);
    await service.send('PUT', '/v1/catalogs/empty');
    expect((await service.get('/v1/catalogs/empty/activity')).body).toEqual(of());
  });

  it('counts a large table by a sample of its pages', async () => {
    const database = Database.connect(service.database.url);
    await service.send('PUT', '/v1/catalogs/large');
    await service.send('POST', '/v1/catalogs/large/interactions', { interactions: twoTastes(1_000) });
    const { days, counted } = await new ActivityRepository(database, 40).countOfCatalog('large', 1);
    await database.close();
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThan(1);
    expect(days.map(({ date }) => date)).toEqual(['2026-01-01']);
    expect(days[0]!.interactions).toBeGreaterThan(4_000);
    expect(days[0]!.interactions).toBeLessThan(16_000);
  });

  it('refuses a catalog that does not exist', async () => {
    expect((await service.get('/v1/catalogs/nope/usage')).status).toBe(404);
  });

  if (redis)
    it('goes without Redis when it is away', async () => {
      await service.redis!.stop();
      const reply = await usage();
      await service.redis!.start();
      expect(reply.redis).toBe('not-reached');
      expect(reply.counts.users).toBe(40);
    });
});
