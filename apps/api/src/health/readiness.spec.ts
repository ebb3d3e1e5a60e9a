import type { Redis } from 'ioredis';
import type { Database } from '#data';
import { Readiness } from './readiness.js';

/** Stores that answer when they are told to. */
class Stores {
  asked = { database: 0, redis: 0 };
  isThere = true;
  #answers: (() => void)[] = [];

  readonly database = {
    isReachable: async () => {
      this.asked.database++;
      await this.#answered();
      return this.isThere;
    },
  } as unknown as Database;
  readonly redis = {
    ping: async () => {
      this.asked.redis++;
      await this.#answered();
      if (!this.isThere) throw new Error('away');
      return 'PONG';
    },
  } as unknown as Redis;

  answer(): void {
    for (const answer of this.#answers.splice(0)) answer();
  }

  #answered(): Promise<void> {
    return new Promise((resolve) => this.#answers.push(resolve));
  }
}

describe('readiness', () => {
  const THERE = { isDatabaseReachable: true, redis: 'ok' };
  let stores: Stores;
  let readiness: Readiness;

  beforeEach(() => {
    stores = new Stores();
    readiness = new Readiness(stores.database, stores.redis);
  });

  it('asks each store once for all who ask at a time, however many they are', async () => {
    const asked = Array.from({ length: 1_000 }, (_, n) => readiness.read(1_000 + 10 * n));
    stores.answer();
    expect(await Promise.all(asked)).toEqual(asked.map(() => THERE));
    expect(stores.asked).toEqual({ database: 1, redis: 1 });
  });

  it('gives an answer for half a second, and then asks anew', async () => {
    const first = readiness.read(1_000);
    stores.answer();
    await first;
    stores.isThere = false;
    expect(await readiness.read(1_499)).toEqual(THERE);
    const next = readiness.read(1_500);
    stores.answer();
    expect(await next).toEqual({ isDatabaseReachable: false, redis: 'unavailable' });
    expect(stores.asked).toEqual({ database: 2, redis: 2 });
  });

  it('says so where no Redis is configured', async () => {
    const answer = new Readiness(stores.database, null).read();
    stores.answer();
    expect(await answer).toEqual({ isDatabaseReachable: true, redis: 'none' });
  });

  it('takes a store for away that does not answer, and asks it again later', async () => {
    jest.useFakeTimers();
    try {
      const answer = readiness.read(1_000);
      await jest.advanceTimersByTimeAsync(1_500);
      expect(await answer).toEqual({ isDatabaseReachable: false, redis: 'unavailable' });
      const next = readiness.read(2_500);
      stores.answer();
      expect(await next).toEqual(THERE);
    } finally {
      jest.useRealTimers();
    }
  });
});
