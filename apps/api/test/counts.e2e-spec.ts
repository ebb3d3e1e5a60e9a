import { redisConnection } from '#queue';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';
import { GENERATION_KEY } from '../src/common/redis-keys.js';
import type { UsageReply } from '../src/usage/dto/usage.dto.js';

describeOnBackends('counts', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.send('PUT', 'items/untouched', {});
  });
  afterAll(() => service.stop());

  const usage = async (): Promise<UsageReply> => (await service.get('usage')).body;
  const listed = async (): Promise<number> => {
    let [number, cursor] = [0, ''];
    for (;;) {
      const { body } = await service.get(`items?limit=7${cursor}`);
      number += (body.items as unknown[]).length;
      if (body.nextCursor === undefined) return number;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
  };

  const expectCounts = async (items: number, interactions: number) => {
    const catalog = (await service.get('/v1/catalogs/default')).body;
    const { items: catalogs } = (await service.get('/v1/catalogs')).body;
    expect([catalog.itemCount, catalog.userCount]).toEqual([items, 40]);
    expect(catalogs).toEqual([catalog]);
    const { counts, entries } = await usage();
    expect(counts).toMatchObject({ items, users: 40, interactions });
    const rowsOf = (kind: string) =>
      entries.find((entry) => entry.store === 'postgres' && entry.kind === kind)?.count;
    expect(['items', 'users', 'interactions'].map(rowsOf)).toEqual([items, 40, interactions]);
    expect(await listed()).toBe(items);
    const { body } = await service.get('users/nobody/recommendations?k=1000');
    expect(body.items).toHaveLength(items);
  };

  it('of users, items and interactions agree wherever they are, also after deletions', async () => {
    await expectCounts(25, 320);
    for (const id of ['item-0', 'item-1', 'untouched']) await service.send('DELETE', `items/${id}`);
    const { rows } = await service.database.query('SELECT count(*)::int AS count FROM interactions');
    await expectCounts(22, rows[0].count);
    const { modelId } = await service.train();
    const model = (await service.get(`models/${modelId}`)).body;
    expect([model.numItems, model.numUsers, model.numInteractions]).toEqual([22, 40, rows[0].count]);
    await service.send('PUT', 'items/item-0', { title: 'again' });
    await expectCounts(23, rows[0].count);
    await service.send('DELETE', 'items/item-0');
    await expectCounts(22, rows[0].count);
  });

  it('of what is kept for users include their lists in pages and what was shown to them', async () => {
    for (const user of ['user-1', 'user-2', 'nobody'])
      await service.get(`users/${user}/recommendations?k=3&paging=true&rotation=0.5`);
    const { entries } = await usage();
    const store = redis ? 'redis' : 'process';
    for (const kind of ['cached-lists', 'shown-items']) {
      const entry = entries.find((one) => one.store === store && one.kind === kind);
      expect(entry).toMatchObject({ scope: 'catalog', count: 3, measured: null });
      expect(entry!.bytes).toBeGreaterThan(0);
    }
  });

  if (redis)
    it('of keys in Redis are of all that there are, whatever the catalog was used for', async () => {
      for (let user = 0; user < 40; user++) await service.get(`users/user-${user}/recommendations`);
      await service.send('PUT', 'schedules/nightly', { cron: '0 3 * * *', timeZone: 'UTC', model: 'ease' });
      await service.train({ model: 'ials', parameters: { factors: 8 } });
      await service.get('users/user-0/recommendations?boost=popularity&rotation=0.5&paging=true&k=2');
      await service.send('POST', 'recommendations/batch', { requests: [{ userId: 'user-9', rotation: 1 }] });
      const client = redisConnection({ REDIS_URL: service.redis!.url });
      const numKeys = () => client.dbsize();
      // Queues take keys away by themselves, so that both looks have to find the same.
      const found = await waitFor('two equal looks', async () => {
        const before = (await client.keys('*')).sort();
        const { entries } = await usage();
        const after = (await client.keys('*')).sort();
        return before.join() === after.join() ? { keys: before, entries } : null;
      });
      const counted = found.entries.filter(({ store, kind }) => store === 'redis' && kind !== 'total');
      // That of all catalogs and of no queue.
      const own = found.keys.filter((key) => !key.endsWith(`:cache:${GENERATION_KEY}`));
      expect(counted.reduce((sum, { count }) => sum + count!, 0)).toBe(own.length);
      expect(counted.filter(({ count }) => count === 0)).toEqual([]);
      expect(await numKeys()).toBeGreaterThan(40);
      client.disconnect();
    });
});
