import type { Redis } from 'ioredis';
import type { UserHistory } from '@app/domain';
import { encodeHistory } from './history-codec.js';
import { RedisUserCache } from './user-cache.js';

const ADDRESS = { catalogId: 'default', cacheEpoch: 1, userId: 'ada' };
const historyOf = (revision: number, value: number) => ({
  revision,
  itemKeys: Int32Array.of(1, 5),
  values: Float32Array.of(1, value),
});

/** The revision in 16 digits, and the history. */
function entryOf(history: UserHistory): Buffer {
  return Buffer.concat([Buffer.from(String(history.revision).padStart(16, '0')), encodeHistory(history)]);
}

/** Holds the bytes of one entry, as another process may have written them. */
function redisWith(entry: { bytes: Buffer | null }): Redis {
  return { getBuffer: () => Promise.resolve(entry.bytes) } as unknown as Redis;
}

const find = (cache: RedisUserCache) => cache.find(ADDRESS, () => Promise.resolve(null));

describe('decoded histories', () => {
  const environment = { USER_CACHE_SECONDS: 60, USER_CACHE_ENTRIES: 10 };

  it('are the same object while Redis has the same bytes, and never older than them', async () => {
    const entry: { bytes: Buffer | null } = { bytes: entryOf(historyOf(1, 1)) };
    const cache = new RedisUserCache(redisWith(entry), environment);
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
    const cache = new RedisUserCache(redisWith(entry), { ...environment, USER_CACHE_ENTRIES: 0 });
    const first = await find(cache);
    expect(await find(cache)).toEqual(first);
    expect(await find(cache)).not.toBe(first);
  });
});
