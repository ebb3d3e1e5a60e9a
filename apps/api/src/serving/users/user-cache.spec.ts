import type { Redis } from 'ioredis';
import type { UserHistory } from '#domain';
import { BYTES_PER_USER } from './cached-users.js';
import { encodeHistory } from './history-codec.js';
import { MemoryUserCache } from './memory-user-cache.js';
import { RedisUserCache } from './user-cache.js';

const ADDRESS = { catalogId: 'default', cacheEpoch: 1, userId: 'ada' };
const historyOf = (revision: number, value: number) => ({
  revision,
  itemKeys: Int32Array.of(1, 5),
  values: Float32Array.of(1, value),
});

const RUN = 'run-01';
const SERVER = { id: () => Promise.resolve(RUN) };

/** The revision in 16 digits, the run of the server, and the history. */
function entryOf(history: UserHistory): Buffer {
  const revision = String(history.revision).padStart(16, '0');
  return Buffer.concat([Buffer.from(revision + RUN), encodeHistory(history)]);
}

/** Holds the bytes of one entry, as another process may have written them. */
function redisWith(entry: { bytes: Buffer | null }): Redis {
  return { mgetBuffer: () => Promise.resolve([entry.bytes, null]) } as unknown as Redis;
}

const find = (cache: RedisUserCache) => cache.find(ADDRESS, () => Promise.resolve(null));

describe('decoded histories', () => {
  const environment = { USER_CACHE_SECONDS: 60, USER_CACHE_ENTRIES: 10 };

  it('are the same object while Redis has the same bytes, and never older than them', async () => {
    const entry: { bytes: Buffer | null } = { bytes: entryOf(historyOf(1, 1)) };
    const cache = new RedisUserCache(redisWith(entry), environment, null, SERVER);
    const first = await find(cache);
    expect(first).toEqual(historyOf(1, 1));
    entry.bytes = entryOf(historyOf(1, 1));
    expect(await find(cache)).toBe(first);
    entry.bytes = entryOf(historyOf(2, 1));
    expect(await find(cache)).toEqual(historyOf(2, 1));
    entry.bytes = entryOf(historyOf(2, 3));
    expect(await find(cache)).toEqual(historyOf(2, 3));
    entry.bytes = null;
    expect(await find(cache)).toBeNull();
  });

  it('are decoded anew every time where none may be kept', async () => {
    const entry = { bytes: entryOf(historyOf(1, 1)) };
    const none = { ...environment, USER_CACHE_ENTRIES: 0 };
    const cache = new RedisUserCache(redisWith(entry), none, null, SERVER);
    const first = await find(cache);
    expect(await find(cache)).toEqual(first);
    expect(await find(cache)).not.toBe(first);
  });
});

describe('histories that are put into Redis', () => {
  const environment = { USER_CACHE_SECONDS: 60, USER_CACHE_ENTRIES: 10 };
  const cacheOn = (evaluate: () => Promise<number>) =>
    new RedisUserCache({ eval: evaluate } as unknown as Redis, environment, null, SERVER);

  it('are no stale answer where Redis knows of a newer revision', async () => {
    const cache = cacheOn(() => Promise.resolve(0));
    await cache.put(ADDRESS, historyOf(1, 1), 'generation');
    expect(cache.staleHistory(ADDRESS, 0)).toBeNull();
  });

  it('are the stale answer where Redis does not answer', async () => {
    const cache = cacheOn(() => Promise.reject(new Error('away')));
    await expect(cache.put(ADDRESS, historyOf(1, 1), 'generation')).rejects.toThrow('away');
    expect(cache.staleHistory(ADDRESS, 0)).toEqual(historyOf(1, 1));
  });

  it('are no stale answer where a write has overtaken them meanwhile', async () => {
    const away = {
      eval: () => Promise.reject(new Error('away')),
      pipeline: () => ({ eval: () => undefined }),
    };
    const cache = new RedisUserCache(away as unknown as Redis, environment, null, SERVER);
    await cache.whileReading([ADDRESS], async () => {
      expect(await cache.invalidate([{ address: ADDRESS, revision: 2 }])).toBeNull();
      await expect(cache.put(ADDRESS, historyOf(1, 1), 'generation')).rejects.toThrow('away');
    });
    expect(cache.staleHistory(ADDRESS, 0)).toBeNull();
  });
});

describe('histories in process memory', () => {
  const ENTRIES = 4;
  const cache = new MemoryUserCache({ USER_CACHE_SECONDS: 60, USER_CACHE_ENTRIES: ENTRIES });
  const withSeen = (revision: number, length: number) => ({
    ...historyOf(revision, 1),
    alsoSeen: Int32Array.from({ length }, (_, n) => 10 + n),
  });

  it('are not kept above the bytes of all users, and an older one does not take the place', async () => {
    await cache.put(ADDRESS, withSeen(1, 100));
    expect(cache.cached(ADDRESS)?.history).toEqual(withSeen(1, 100));
    await cache.put(ADDRESS, withSeen(2, ENTRIES * BYTES_PER_USER));
    expect(cache.cached(ADDRESS)).toBeUndefined();
    await cache.put(ADDRESS, withSeen(1, 100));
    expect(cache.cached(ADDRESS)).toBeUndefined();
    await cache.put(ADDRESS, withSeen(3, 100));
    expect(cache.cached(ADDRESS)?.history).toEqual(withSeen(3, 100));
  });

  it('take the bytes of what was seen from those of all users', async () => {
    const third = Math.floor((ENTRIES * BYTES_PER_USER) / 3 / 4);
    const users = ['a', 'b', 'c', 'd'].map((userId) => ({ ...ADDRESS, userId }));
    for (const user of users) await cache.put(user, withSeen(1, third));
    expect(users.filter((user) => cache.cached(user)).map(({ userId }) => userId)).toEqual(['c', 'd']);
  });
});
