import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { UserHistory } from '#domain';
import { redisConnection } from '#queue';
import { waitFor } from '../../../test/support/processes.js';
import { describeWithRedis, TestRedis } from '../../../test/support/redis.js';
import { redisKeyOfUser, USER_KEYS } from '../src/common/redis-keys.js';
import { RedisUserCache, UNKNOWN_GENERATION } from '../src/serving/users/user-cache.js';
import { UserChange } from '../src/serving/users/user-change.js';
import { MAX_AGE_MS, RedisInvalidations } from '../src/serving/users/user-invalidations.js';

const ENVIRONMENT = { USER_CACHE_SECONDS: 600, USER_CACHE_ENTRIES: 1_000 };
const KEY_PREFIX = 'test:cache:';
const ADDRESS = { catalogId: 'default', cacheEpoch: 0, userId: 'ada: ☃' };
const historyOf = (revision: number): UserHistory => ({
  revision,
  itemKeys: Int32Array.of(1, 5),
  values: Float32Array.of(1, revision),
});

/** What an API process has of the cache, on connections of its own. */
class CacheOfProcess {
  readonly redis: Redis;
  readonly invalidations: RedisInvalidations;
  readonly cache: RedisUserCache;

  constructor(url: string) {
    this.redis = redisConnection({ REDIS_URL: url }, { keyPrefix: KEY_PREFIX });
    const keys = { keyPrefix: KEY_PREFIX, start: USER_KEYS };
    this.invalidations = new RedisInvalidations({ REDIS_URL: url }, keys);
    this.cache = new RedisUserCache(this.redis, ENVIRONMENT, this.invalidations);
  }

  /** Reads until the answer is cached. */
  cacheUser(stored: UserHistory | null): Promise<void> {
    return waitFor('the user to be held', async () => {
      await this.cache.find(ADDRESS, () => Promise.resolve(stored));
      return this.cache.cached(ADDRESS) !== undefined;
    }).then(() => undefined);
  }

  /** Of a history that is read at this moment. */
  async put(history: UserHistory): Promise<void> {
    await this.cache.put(ADDRESS, history, await this.cache.generation());
  }

  /** Until nothing is cached; what is until then was changed less than `MAX_AGE_MS` ago. */
  async untilNotHeld(acknowledgedAt: number): Promise<void> {
    for (;;) {
      const age = performance.now() - acknowledgedAt;
      if (this.cache.cached(ADDRESS) === undefined) return;
      expect(age).toBeLessThan(MAX_AGE_MS);
      await delay(1);
    }
  }

  close(): void {
    this.cache.close();
    this.redis.disconnect();
  }
}

describeWithRedis('users that are cached while Redis tells of writes', () => {
  let server: TestRedis;
  let here: CacheOfProcess;
  let there: CacheOfProcess;
  let admin: Redis;

  beforeAll(async () => {
    server = await TestRedis.start();
    admin = redisConnection({ REDIS_URL: server.url });
  });
  beforeEach(async () => {
    await server.flush();
    [here, there] = [new CacheOfProcess(server.url), new CacheOfProcess(server.url)];
    await waitFor('both to be told', () => here.invalidations.session > 0 && there.invalidations.session > 0);
  });
  afterEach(() => {
    here.close();
    there.close();
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  const numReads = async () =>
    Number(/cmdstat_mget:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
  const killTracking = () => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');

  it('are not put from before Redis has lost what it knew, however the newer revision was lost', async () => {
    const generation = await here.cache.generation();
    await there.cache.invalidate([{ address: ADDRESS, revision: 2 }]);
    await server.flush();
    await here.cache.put(ADDRESS, historyOf(1), generation);
    expect(await here.cache.find(ADDRESS, () => Promise.resolve(historyOf(2)))).toEqual(historyOf(2));
    await here.put(historyOf(2));
    expect(await there.cache.find(ADDRESS, () => Promise.resolve(null))).toEqual(historyOf(2));
  });

  it('are not answered by a Redis that has lost the newest changes when it ended', async () => {
    await there.put(historyOf(1));
    await admin.save();
    expect(await there.cache.invalidate([{ address: ADDRESS, revision: 2 }])).not.toBeNull();
    await server.crash();
    await waitFor('Redis', async () => (await here.cache.generationNow()) !== UNKNOWN_GENERATION);
    expect(await admin.exists(KEY_PREFIX + redisKeyOfUser(ADDRESS))).toBe(1);
    expect(await here.cache.find(ADDRESS, () => Promise.resolve(historyOf(2)))).toEqual(historyOf(2));
    await here.put(historyOf(2));
    const never = () => Promise.reject(new Error('The database was asked.'));
    expect(await here.cache.find(ADDRESS, never)).toEqual(historyOf(2));
  });

  it.each([
    ['is flushed', () => server.flush()],
    ['ends', () => server.crash()],
  ])('are not put from before a commit where Redis %s meanwhile', async (_, lose) => {
    const change = new UserChange(there.cache, {
      addressOf: () => ADDRESS,
      giveUpAll: () => Promise.reject(new Error('given up')),
    });
    expect(await change.beforeCommit([{ userId: ADDRESS.userId, userKey: 0, revision: 2 }])).toBe(true);
    await lose();
    await waitFor('Redis', async () => (await here.cache.generationNow()) !== UNKNOWN_GENERATION);
    await here.put(historyOf(1));
    expect(await here.cache.find(ADDRESS, () => Promise.resolve(null))).toEqual(historyOf(1));
    await waitFor('Redis', async () => (await there.cache.generationNow()) !== UNKNOWN_GENERATION);
    await change.afterCommit();
    expect(await here.cache.find(ADDRESS, () => Promise.resolve(historyOf(2)))).toEqual(historyOf(2));
  });

  it('are answered without a word to Redis', async () => {
    await there.put(historyOf(1));
    await here.cacheUser(null);
    const before = await numReads();
    let answered = 0;
    for (let n = 0; n < 100; n++) {
      const cached = here.cache.cached(ADDRESS);
      if (cached !== undefined) {
        expect(cached.history).toEqual(historyOf(1));
        answered++;
      }
      await delay(1);
    }
    expect(answered).toBeGreaterThan(0);
    expect(await numReads()).toBe(before);
  });

  it.each([
    ['an entry', historyOf(1)],
    ['no entry', null],
  ])('are given up when another process writes, with %s before', async (_, stored) => {
    if (stored) await there.put(stored);
    await here.cacheUser(stored);
    expect(here.cache.cached(ADDRESS)?.history).toEqual(stored);
    expect(await there.cache.invalidate([{ address: ADDRESS, revision: 2 }])).not.toBeNull();
    await here.untilNotHeld(performance.now());
    expect(await here.cache.find(ADDRESS, () => Promise.resolve(historyOf(2)))).toEqual(historyOf(2));
    await there.put(historyOf(2));
    await here.cacheUser(null);
    expect(here.cache.cached(ADDRESS)?.history).toEqual(historyOf(2));
  });

  it('are given up at once when this process writes', async () => {
    await here.put(historyOf(1));
    await here.cacheUser(null);
    const told = here.cache.invalidate([{ address: ADDRESS, revision: 2 }]);
    expect(here.cache.cached(ADDRESS)).toBeUndefined();
    await told;
    await here.cache.find(ADDRESS, () => Promise.resolve(historyOf(1)));
    expect(here.cache.cached(ADDRESS)).toBeUndefined();
    const kept = here.put(historyOf(2));
    expect(here.cache.cached(ADDRESS)).toBeUndefined();
    await kept;
    await here.cacheUser(null);
    expect(here.cache.cached(ADDRESS)?.history).toEqual(historyOf(2));
  });

  it('are not cached when they are written while they are read', async () => {
    const found = await here.cache.find(ADDRESS, async () => {
      await there.cache.invalidate([{ address: ADDRESS, revision: 1 }]);
      return null;
    });
    expect(found).toBeNull();
    await here.untilNotHeld(performance.now());
    await here.cache.find(ADDRESS, () => Promise.resolve(null));
    // Its revision is known, its history is not: it may be committed at any time.
    for (let n = 0; n < 20; n++) {
      expect(here.cache.cached(ADDRESS)).toBeUndefined();
      await delay(5);
    }
  });

  it.each([
    ['Redis is flushed', () => server.flush()],
    ['the connection that tells is killed', killTracking],
    ['the entry expires', () => admin.pexpire(`${KEY_PREFIX}U:default:0:${ADDRESS.userId}`, 1)],
  ])('are given up when %s', async (_, happen) => {
    await there.put(historyOf(1));
    await here.cacheUser(null);
    await happen();
    await here.untilNotHeld(performance.now());
    // By which it learns of a flush, as by any read.
    await there.cache.find(ADDRESS, () => Promise.resolve(null));
    await there.put(historyOf(2));
    expect(await here.cache.find(ADDRESS, () => Promise.resolve(null))).toEqual(historyOf(2));
    await here.cacheUser(null);
    expect(here.cache.cached(ADDRESS)?.history).toEqual(historyOf(2));
  });

  it('are not used while no ping is answered, and again afterwards', async () => {
    await there.put(historyOf(1));
    await here.cacheUser(null);
    await admin.call('CLIENT', 'PAUSE', '400', 'ALL');
    await waitFor('doubt', () => here.cache.cached(ADDRESS) === undefined);
    await waitFor('certainty', () => here.cache.cached(ADDRESS) !== undefined);
    expect(here.cache.cached(ADDRESS)?.history).toEqual(historyOf(1));
  });

  const standStill = () => {
    for (const until = performance.now() + MAX_AGE_MS; performance.now() < until;);
  };
  const findMany = () => {
    const never = () => Promise.reject(new Error('The database was asked.'));
    return Promise.all(Array.from({ length: 64 }, () => here.cache.find(ADDRESS, never)));
  };

  it('are not used after the process has stood still, until one answer of Redis confirms them for all', async () => {
    await there.put(historyOf(1));
    await here.cacheUser(null);
    standStill();
    expect(here.cache.cached(ADDRESS)).toBeUndefined();
    const before = await numReads();
    expect(await findMany()).toEqual(Array(64).fill(historyOf(1)));
    expect(await numReads()).toBe(before);
    expect(here.cache.cached(ADDRESS)?.history).toEqual(historyOf(1));
  });

  it('are read anew when they were written while the process stood still', async () => {
    await there.put(historyOf(1));
    await here.cacheUser(null);
    await admin.del(`${KEY_PREFIX}U:default:0:${ADDRESS.userId}`);
    standStill();
    expect(await here.cache.find(ADDRESS, () => Promise.resolve(historyOf(2)))).toEqual(historyOf(2));
  });

  it('are read when it is not confirmed in time', async () => {
    await there.put(historyOf(1));
    await here.cacheUser(null);
    const before = await numReads();
    await admin.call('CLIENT', 'PAUSE', String(5 * MAX_AGE_MS), 'ALL');
    standStill();
    expect(await findMany()).toEqual(Array(64).fill(historyOf(1)));
    expect(await numReads()).toBe(before + 64);
  });

  it('cost no ping when nobody asks', async () => {
    await here.cacheUser(null);
    await waitFor('the pings to end', () => server.areInvalidationsIdle());
    expect(here.cache.cached(ADDRESS)).toBeUndefined();
    await waitFor('certainty', () => here.cache.cached(ADDRESS) !== undefined);
  });

  it('are read from Redis each time where it tells nothing, which is said once', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    await admin.acl('SETUSER', 'mute', 'on', '>secret', '~*', '&*', '+@all', '-client|tracking');
    const mute = new CacheOfProcess(server.url.replace('//', '//mute:secret@'));
    try {
      await waitFor('the warning', () => warn.mock.calls.length > 0);
      await there.put(historyOf(1));
      for (let n = 0; n < 3; n++) {
        expect(await mute.cache.find(ADDRESS, () => Promise.resolve(null))).toEqual(historyOf(1));
        expect(mute.cache.cached(ADDRESS)).toBeUndefined();
      }
      expect(warn.mock.calls).toEqual([[expect.objectContaining({ event: 'users.not-cached' })]]);
    } finally {
      mute.close();
      warn.mockRestore();
    }
  });
});
