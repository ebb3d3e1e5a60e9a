import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import type { UserHistory } from '@app/domain';
import { encodeHistory } from './history-codec.js';
import { RedisUserCache } from './redis-user-cache.js';
import type { UserChanges } from './user-changes.js';

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

describe('decoded histories', () => {
  const environment = { USER_CACHE_SECONDS: 60, USER_CACHE_ENTRIES: 10 };

  it('are the same object while Redis has the same bytes, and never older than them', async () => {
    const entry: { bytes: Buffer | null } = { bytes: entryOf(historyOf(1, 1)) };
    const cache = new RedisUserCache(redisWith(entry), environment);
    const first = await cache.get(ADDRESS);
    expect(first).toEqual(historyOf(1, 1));
    entry.bytes = entryOf(historyOf(1, 1));
    expect(await cache.get(ADDRESS)).toBe(first);
    entry.bytes = entryOf(historyOf(2, 1));
    expect(await cache.get(ADDRESS)).toEqual(historyOf(2, 1));
    entry.bytes = entryOf(historyOf(2, 3));
    expect(await cache.get(ADDRESS)).toEqual(historyOf(2, 3));
    entry.bytes = null;
    expect(await cache.get(ADDRESS)).toBeNull();
  });

  it('are decoded anew every time where none may be kept', async () => {
    const entry = { bytes: entryOf(historyOf(1, 1)) };
    const cache = new RedisUserCache(redisWith(entry), { ...environment, USER_CACHE_ENTRIES: 0 });
    const first = await cache.get(ADDRESS);
    expect(await cache.get(ADDRESS)).toEqual(first);
    expect(await cache.get(ADDRESS)).not.toBe(first);
  });
});

describe('held histories', () => {
  const environment = { USER_CACHE_SECONDS: 60, USER_CACHE_ENTRIES: 10 };

  /** Changes are heard of when a test says so. */
  class ToldChanges extends EventEmitter {
    isListening = true;
    isUpToDate = () => this.isListening;
  }
  function setUp() {
    const changes = new ToldChanges();
    const replies: ((bytes: Buffer | null) => void)[] = [];
    const redis = { getBuffer: () => new Promise((resolve) => replies.push(resolve)) };
    const cache = new RedisUserCache(
      redis as unknown as Redis,
      environment,
      changes as unknown as UserChanges,
    );
    const read = async (history: UserHistory, meanwhile: () => void = () => undefined) => {
      const reading = cache.get(ADDRESS);
      meanwhile();
      replies.pop()!(entryOf(history));
      return reading;
    };
    return { changes, cache, read };
  }
  const lose = (changes: ToldChanges) => {
    changes.isListening = false;
    changes.emit('missed');
  };

  it('are answered from until the user changes, and not in another epoch', async () => {
    const { changes, cache, read } = setUp();
    expect(cache.peek(ADDRESS)).toBeUndefined();
    const history = await read(historyOf(1, 1));
    expect(cache.peek(ADDRESS)).toBe(history);
    expect(cache.peek({ ...ADDRESS, cacheEpoch: 2 })).toBeUndefined();
    changes.emit('changed', 'default:somebody');
    expect(cache.peek(ADDRESS)).toBe(history);
    changes.emit('changed', 'default:ada');
    expect(cache.peek(ADDRESS)).toBeUndefined();
  });

  it.each([
    ['the user changes', (changes: ToldChanges) => changes.emit('changed', 'default:ada')],
    [
      'the connection is lost and made again',
      (changes: ToldChanges) => {
        lose(changes);
        changes.isListening = true;
      },
    ],
  ])('do not come from a read during which %s', async (_, happen) => {
    const { changes, cache, read } = setUp();
    expect(await read(historyOf(1, 1), () => happen(changes))).toEqual(historyOf(1, 1));
    expect(cache.peek(ADDRESS)).toBeUndefined();
    const history = await read(historyOf(2, 1));
    expect(cache.peek(ADDRESS)).toBe(history);
  });

  it('do not come from a read that began before changes were listened to', async () => {
    const { changes, cache, read } = setUp();
    lose(changes);
    await read(historyOf(1, 1), () => (changes.isListening = true));
    expect(cache.peek(ADDRESS)).toBeUndefined();
  });

  it('are none once changes may have been missed', async () => {
    const { changes, cache, read } = setUp();
    await read(historyOf(1, 1));
    lose(changes);
    changes.isListening = true;
    expect(cache.peek(ADDRESS)).toBeUndefined();
  });
});
