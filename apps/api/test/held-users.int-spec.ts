import { redisConnection } from '@app/queue';
import type { Redis } from 'ioredis';
import { waitFor } from '../../../test/support/processes.js';
import { describeWithRedis, TestRedis } from '../../../test/support/redis.js';
import { RedisUserCache } from '../src/serving/redis-user-cache.js';
import { TRUSTED_MS, UserChanges } from '../src/serving/user-changes.js';

const ADDRESS = { catalogId: 'default', cacheEpoch: 0, userId: 'ada' };
const historyOf = (revision: number) => ({
  revision,
  itemKeys: Int32Array.of(1, 5),
  values: Float32Array.of(1, 1),
});
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

describeWithRedis('users that two processes hold', () => {
  let server: TestRedis;
  let administrator: Redis;
  const caches: RedisUserCache[] = [];
  const clients: Redis[] = [];

  /** What one process has. */
  function connect(): RedisUserCache {
    const redis = redisConnection({ REDIS_URL: server.url }, { keyPrefix: 'test:', commandTimeout: 250 });
    const cache = new RedisUserCache(
      redis,
      { USER_CACHE_SECONDS: 600, USER_CACHE_ENTRIES: 100 },
      new UserChanges(redis),
    );
    clients.push(redis);
    caches.push(cache);
    return cache;
  }
  /** Until the process holds the user without asking. */
  async function hold(cache: RedisUserCache, revision: number): Promise<void> {
    await waitFor('a held user', async () => {
      await cache.get(ADDRESS).catch(() => null);
      return cache.peek(ADDRESS)?.revision === revision;
    });
  }
  async function change(cache: RedisUserCache, revision: number): Promise<void> {
    await cache.invalidate([{ address: ADDRESS, revision }]);
    await cache.put(ADDRESS, historyOf(revision));
  }

  beforeAll(async () => {
    server = await TestRedis.start();
    administrator = redisConnection({ REDIS_URL: server.url });
  });
  beforeEach(() => administrator.flushall());
  afterEach(() => {
    for (const cache of caches.splice(0)) cache.close();
    for (const client of clients.splice(0)) client.disconnect();
  });
  afterAll(async () => {
    administrator.disconnect();
    await server.stop();
  });

  it('are answered without Redis, and another process sees a change within the time that is trusted', async () => {
    const [first, second] = [connect(), connect()];
    await first.put(ADDRESS, historyOf(1));
    await hold(second, 1);
    await change(first, 2);
    await wait(TRUSTED_MS);
    for (let call = 0; call < 50; call++) expect(second.peek(ADDRESS)?.revision).not.toBe(1);
    await hold(second, 2);
  });

  it('are read at once by the process that changed them', async () => {
    const cache = connect();
    await cache.put(ADDRESS, historyOf(1));
    await hold(cache, 1);
    await change(cache, 2);
    expect(cache.peek(ADDRESS)?.revision).not.toBe(1);
    expect(await cache.get(ADDRESS)).toEqual(historyOf(2));
  });

  it('are not trusted while Redis does not answer', async () => {
    const cache = connect();
    await cache.put(ADDRESS, historyOf(1));
    await hold(cache, 1);
    await administrator.client('PAUSE', 2_000, 'ALL');
    await wait(TRUSTED_MS);
    expect(cache.peek(ADDRESS)).toBeUndefined();
    await hold(cache, 1);
  });

  it('are dropped with the connection on which changes are heard, and held again by the next', async () => {
    const [first, second] = [connect(), connect()];
    await first.put(ADDRESS, historyOf(1));
    await hold(second, 1);
    await administrator.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await change(first, 2);
    await wait(TRUSTED_MS);
    for (let call = 0; call < 20; call++) {
      expect(second.peek(ADDRESS)?.revision).not.toBe(1);
      await wait(10);
    }
    await hold(second, 2);
  });

  it('are not seen again once Redis was emptied and the user changed', async () => {
    const [first, second] = [connect(), connect()];
    await first.put(ADDRESS, historyOf(1));
    await hold(second, 1);
    await administrator.flushall();
    await change(first, 2);
    await wait(TRUSTED_MS);
    expect(second.peek(ADDRESS)?.revision).not.toBe(1);
    expect(await second.get(ADDRESS)).toEqual(historyOf(2));
  });
});
