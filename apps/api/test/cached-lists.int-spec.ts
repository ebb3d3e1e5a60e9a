import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { v4 as uuid } from 'uuid';
import { redisConnection } from '#queue';
import { REDIS_SERVER, TestRedis } from '../../../test/support/redis.js';
import { CachedLists, LIST_LIFE_SECONDS, LISTS_PER_USER } from '../src/serving/users/cached-lists.js';

const backends = ['process memory', ...(REDIS_SERVER === '' ? [] : ['Redis'])];

describe.each(backends)('CachedLists in %s', (backend) => {
  let server: TestRedis | null = null;
  let redis: Redis | null = null;
  let lists: CachedLists;

  beforeAll(async () => {
    if (backend === 'Redis') {
      server = await TestRedis.start();
      redis = redisConnection({ REDIS_URL: server.url }, { keyPrefix: 'x:cache:' });
    }
    lists = new CachedLists(redis);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });

  it('keeps the newest lists of each user, whatever their ids', async () => {
    const steps = fc.array(fc.constantFrom('ada', 'bob', 'ada:bob'), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (userIds) => {
        const catalogId = uuid();
        const kept = userIds.map((userId, list) => ({ catalogId, userId, listId: uuid(), list }));
        for (const { list, ...address } of kept) expect(await lists.keep(address, { list })).toBe(true);
        for (const { list, ...address } of kept) {
          const newer = kept.filter((other) => other.userId === address.userId && other.list > list).length;
          expect(await lists.find(address)).toEqual(newer < LISTS_PER_USER ? { list } : null);
        }
      }),
      { numRuns: 25, seed: 47 },
    );
  });

  it('keeps none longer than it says, even while the user makes others', async () => {
    const address = { catalogId: 'c', userId: 'u', listId: uuid() };
    const keptAt = Date.now();
    await lists.keep(address, 'old', keptAt);
    await lists.keep({ ...address, listId: uuid() }, 'new', keptAt + 1_000);
    expect(await lists.find(address, keptAt + LIST_LIFE_SECONDS * 1_000 - 1)).toBe('old');
    expect(await lists.find(address, keptAt + LIST_LIFE_SECONDS * 1_000)).toBeNull();
    if (redis) expect(await redis.ttl('c:lists:u')).toBeGreaterThan(LIST_LIFE_SECONDS - 60);
  });

  it('keeps equal lists for everybody once, and finds them in their catalog alone', async () => {
    const catalogId = uuid();
    const [id, again] = [await lists.keepShared(catalogId, [1]), await lists.keepShared(catalogId, [1])];
    expect(again).toBe(id);
    const other = await lists.keepShared(catalogId, [2]);
    expect(other).not.toBe(id);
    expect([await lists.findShared(catalogId, id!), await lists.findShared(catalogId, other!)]).toEqual([
      [1],
      [2],
    ]);
    expect(await lists.findShared('other', id!)).toBeNull();
    expect(await lists.findShared(catalogId, id!, Date.now() + LIST_LIFE_SECONDS * 1_000)).toBeNull();
    expect(await lists.find({ catalogId, userId: id!, listId: id! })).toBeNull();
    if (redis) expect(await redis.ttl(`${catalogId}:lists:\0${id}`)).toBeGreaterThan(LIST_LIFE_SECONDS - 60);
    else {
      lists.forget(catalogId);
      expect(await lists.findShared(catalogId, id!)).toBeNull();
      await lists.keepShared(catalogId, [1]);
      expect(await lists.findShared(catalogId, id!)).toEqual([1]);
    }
  });

  it('finds nothing of another user or catalog', async () => {
    const address = { catalogId: 'c', userId: 'u', listId: uuid() };
    await lists.keep(address, [1]);
    expect(await lists.find({ ...address, userId: 'v' })).toBeNull();
    expect(await lists.find({ ...address, catalogId: 'd' })).toBeNull();
    expect(await lists.find(address)).toEqual([1]);
  });
});
