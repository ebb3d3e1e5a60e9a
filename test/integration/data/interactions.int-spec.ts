import { seededRandom } from '#models';
import { interaction, TestData } from './testing/test-data.js';

describe('interactions in PostgreSQL', () => {
  const data = TestData.ofEachTest();

  it('stores the same twice only once, in one batch and in the next', async () => {
    const batch = [
      interaction('a', 'x'),
      interaction('a', 'x'),
      interaction('a', 'x', { type: 'buy' }),
      interaction('b', 'x'),
    ];
    expect(await data.interactions.record('default', batch)).toMatchObject({ stored: 3, duplicates: 1 });
    const again = await data.interactions.record('default', batch);
    expect(again).toEqual({ stored: 0, duplicates: 4, merged: 0, changedUsers: [] });
    expect(await data.count('interactions')).toBe(3);
  });

  it('keeps ids of any characters and length', async () => {
    const ids = ['x'.repeat(512), 'ü/ 漢字 \u{1f600}', "'; DROP TABLE users; --", ' leading', 'A', 'a'];
    await data.interactions.record(
      'default',
      ids.map((id) => interaction(id, id)),
    );
    const histories = await data.interactions.loadHistories('default', ids);
    expect([...histories.keys()].sort()).toEqual([...ids].sort());
  });

  it('stores nothing of a stream that fails', async () => {
    const stream = async function* () {
      for (let n = 0; n < 5_000; n++) yield [interaction(`u${n}`, `i${n}`)];
      await Promise.reject(new Error('row 5001 is broken'));
    };
    await expect(data.imports.importAll('default', { interactions: stream() })).rejects.toThrow(
      'row 5001 is broken',
    );
    expect(await data.count('interactions')).toBe(0);
    expect(await data.interactions.record('default', [interaction('a', 'x')])).toMatchObject({ stored: 1 });
  });

  it('stores nothing when its connection is killed in the middle, and goes on afterwards', async () => {
    const stream = async function* () {
      for (let n = 0; n < 30_000; n++) {
        if (n === 25_000)
          await data.server.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'",
          );
        yield [interaction(`u${n}`, `i${n}`)];
      }
    };
    await expect(data.imports.importAll('default', { interactions: stream() })).rejects.toMatchObject({
      code: 'database-unavailable',
    });
    expect(await data.count('interactions')).toBe(0);
    expect(await data.interactions.record('default', [interaction('a', 'x')])).toMatchObject({ stored: 1 });
  });

  it('lets eight writers of the same users and items store exactly what they bring', async () => {
    const random = seededRandom(8);
    const batches = Array.from({ length: 24 }, () =>
      Array.from({ length: 200 }, () =>
        interaction(`u${Math.floor(random() * 60)}`, `i${Math.floor(random() * 60)}`),
      ),
    );
    const results = await Promise.all(batches.map((batch) => data.interactions.record('default', batch)));
    const distinct = new Set(batches.flat().map(({ userId, itemId }) => `${userId} ${itemId}`));
    expect(results.reduce((sum, { stored }) => sum + stored, 0)).toBe(distinct.size);
    expect(await data.count('interactions')).toBe(distinct.size);
    const keys = await data.server.query(
      'SELECT count(DISTINCT user_key) AS distinct, max(user_key) AS max, count(*) FROM users',
    );
    expect(keys.rows[0]).toEqual({ distinct: '60', max: 59, count: '60' });
  });

  it('tells changed users before it commits, and gives all cached users up when they cannot be told', async () => {
    const told: unknown[] = [];
    const beforeCommit = async (changed: readonly unknown[]) => {
      told.push(...changed, await data.count('interactions'));
      return false;
    };
    await data.interactions.record('default', [interaction('a', 'x')], { beforeCommit });
    expect(told).toEqual([{ userId: 'a', userKey: 0, revision: 1 }, 0]);
    expect((await data.server.query('SELECT cache_epoch FROM catalogs')).rows[0].cache_epoch).toBe(1);
  });

  it('gives all cached users up when nobody is there who tells them, as in an import from a shell', async () => {
    const epoch = async () =>
      (await data.server.query('SELECT cache_epoch FROM catalogs')).rows[0].cache_epoch;
    await data.interactions.record('default', [interaction('a', 'x')]);
    expect(await epoch()).toBe(1);
    await data.interactions.record('default', [interaction('a', 'x')]);
    expect(await epoch()).toBe(1);
  });

  it('limits the interaction types of a catalog', async () => {
    const types = Array.from({ length: 65 }, (_, n) => interaction('a', 'x', { type: `t${n}` }));
    await expect(data.interactions.record('default', types)).rejects.toMatchObject({
      code: 'too-many-interaction-types',
    });
    expect(await data.count('interactions')).toBe(0);
    expect(await data.interactions.record('default', types.slice(1))).toMatchObject({ stored: 64 });
  });
});
