import {} from '#data';
import { TestData } from './testing/test-data.js';

type Steps = (lock: (catalogId: string) => Promise<unknown>) => Promise<void>;

const ORDERS = [
  ['one', 'other'],
  ['other', 'one'],
] as const;

describe('writers that lock each other out', () => {
  const data = TestData.ofEachTest();

  beforeEach(async () => {
    await data.server.query("INSERT INTO catalogs (id) VALUES ('one'), ('other')");
  });

  const LOCK = 'UPDATE catalogs SET cache_epoch = cache_epoch + 1 WHERE id = $1';
  const epochs = async () =>
    (await data.server.query("SELECT cache_epoch FROM catalogs WHERE id <> 'default' ORDER BY id")).rows.map(
      (row) => row.cache_epoch,
    );

  /**
   * Two writers that lock two rows in opposite orders, each its second one when both have their first,
   * at the first attempt.
   */
  const crossing = (write: (steps: Steps) => Promise<void>) => {
    const waiting: (() => void)[] = [];
    const meet = () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) for (const go of waiting) go();
      });
    return Promise.allSettled(
      ORDERS.map(([first, second]) => {
        let attempts = 0;
        return write(async (lock) => {
          await lock(first);
          if (attempts++ === 0) await meet();
          await lock(second);
        });
      }),
    );
  };

  it('both store what they bring, in plain SQL', async () => {
    const results = await crossing((steps) =>
      data.database.sqlTransaction((client) => steps((id) => client.query(LOCK, [id]))),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await epochs()).toEqual([2, 2]);
  });

  it('both store what they bring, by Prisma', async () => {
    const results = await crossing((steps) =>
      data.database.transaction((transaction) => steps((id) => transaction.$executeRawUnsafe(LOCK, id))),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await epochs()).toEqual([2, 2]);
  });

  it('are told so when it cannot be done again, and not that the database is away', async () => {
    const results = await crossing((steps) =>
      data.database.sqlTransactionOnce((client) => steps((id) => client.query(LOCK, [id]))),
    );
    const [refused] = results.filter((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'write-conflict', retryAfterSeconds: 1 });
    expect(await epochs()).toEqual([1, 1]);
  });
});
