import type { Redis } from 'ioredis';
import type { UserHistory } from '#domain';
import { seededRandom } from '#models';
import { redisConnection } from '#queue';
import { describeWithRedis, TestRedis } from '../../../test/support/redis.js';
import { RedisUserCache } from '../src/serving/users/user-cache.js';

const NUM_USERS = 5_000;
const MOST_BYTES = 1_024;

const notLoaded = () => Promise.resolve(null);

describeWithRedis('users in Redis', () => {
  let server: TestRedis;
  let redis: Redis;

  beforeAll(async () => {
    server = await TestRedis.start();
    redis = redisConnection({ REDIS_URL: server.url });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  const addressOf = (user: number) => ({ catalogId: 'default', cacheEpoch: 0, userId: `customer-${user}` });

  it.each([
    ['of equal values', 1],
    ['of values that are all different', 2],
  ])('take at most 1 KiB each with histories %s, and come back as they were', async (_, spread) => {
    const random = seededRandom(spread);
    // Box and Muller
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const makeHistory = (): UserHistory => {
      const length = Math.min(1_000, Math.max(1, Math.round(20 * Math.exp(1.42 * normal()))));
      const keys = new Set<number>();
      while (keys.size < length) keys.add(Math.floor(50_000 * random() ** 3));
      const itemKeys = Int32Array.from(keys).sort();
      return {
        revision: 1 + Math.floor(100 * random()),
        itemKeys,
        values: Float32Array.from(itemKeys, () => (spread === 1 ? 1 : spread ** (-4 * random()))),
      };
    };
    await redis.flushall();
    const cache = new RedisUserCache(redis, { USER_CACHE_SECONDS: 600, USER_CACHE_ENTRIES: 0 });
    const before = await usedMemory();
    const histories = Array.from({ length: NUM_USERS }, makeHistory);
    const generation = await cache.generation();
    await Promise.all(histories.map((history, user) => cache.put(addressOf(user), history, generation)));
    expect((await usedMemory()) - before).toBeLessThan(NUM_USERS * MOST_BYTES);
    const found = await Promise.all(histories.map((__, user) => cache.find(addressOf(user), notLoaded)));
    expect(found).toEqual(histories);
  });
});
