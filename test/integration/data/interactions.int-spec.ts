import {
  Database,
  InteractionsRepository,
  InteractionTypesRepository,
  ItemsRepository,
  SnapshotReader,
} from '#data';
import type { DatedInteraction, InteractionType } from '#domain';
import { seededRandom } from '#models';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const AT = new Date('2026-01-01T00:00:00.000Z');

function interaction(
  userId: string,
  itemId: string,
  fields: Partial<DatedInteraction> = {},
): DatedInteraction {
  return { userId, itemId, type: 'view', weight: 1, occurredAt: AT, ...fields };
}

describe('interactions in PostgreSQL', () => {
  let server: TestDatabase;
  let database: Database;
  let interactions: InteractionsRepository;
  let snapshots: SnapshotReader;

  beforeEach(async () => {
    server = await createTestDatabase();
    database = Database.connect(server.url);
    interactions = new InteractionsRepository(database);
    snapshots = new SnapshotReader(database);
  });

  afterEach(async () => {
    await database.close();
    await server.drop();
  });

  const count = async () => Number((await server.query('SELECT count(*) FROM interactions')).rows[0].count);

  it('stores the same twice only once, in one batch and in the next', async () => {
    const batch = [
      interaction('a', 'x'),
      interaction('a', 'x'),
      interaction('a', 'x', { type: 'buy' }),
      interaction('b', 'x'),
    ];
    expect(await interactions.record('default', batch)).toMatchObject({ stored: 3, duplicates: 1 });
    const again = await interactions.record('default', batch);
    expect(again).toEqual({ stored: 0, duplicates: 4, merged: 0, changedUsers: [] });
    expect(await count()).toBe(3);
  });

  it('keeps ids of any characters and length', async () => {
    const ids = ['x'.repeat(512), 'ü/ 漢字 \u{1f600}', "'; DROP TABLE users; --", ' leading', 'A', 'a'];
    await interactions.record(
      'default',
      ids.map((id) => interaction(id, id)),
    );
    const histories = await interactions.loadHistories('default', ids);
    expect([...histories.keys()].sort()).toEqual([...ids].sort());
  });

  it('stores nothing of a stream that fails', async () => {
    const stream = async function* () {
      for (let n = 0; n < 5_000; n++) yield interaction(`u${n}`, `i${n}`);
      await Promise.reject(new Error('row 5001 is broken'));
    };
    await expect(interactions.importAll('default', stream())).rejects.toThrow('row 5001 is broken');
    expect(await count()).toBe(0);
    expect(await interactions.record('default', [interaction('a', 'x')])).toMatchObject({ stored: 1 });
  });

  it('stores nothing when its connection is killed in the middle, and goes on afterwards', async () => {
    const stream = async function* () {
      for (let n = 0; n < 5_000; n++) {
        if (n === 3_000)
          await server.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'",
          );
        yield interaction(`u${n}`, `i${n}`);
      }
    };
    await expect(interactions.importAll('default', stream())).rejects.toMatchObject({
      code: 'database-unavailable',
    });
    expect(await count()).toBe(0);
    expect(await interactions.record('default', [interaction('a', 'x')])).toMatchObject({ stored: 1 });
  });

  it('lets eight writers of the same users and items store exactly what they bring', async () => {
    const random = seededRandom(8);
    const batches = Array.from({ length: 24 }, () =>
      Array.from({ length: 200 }, () =>
        interaction(`u${Math.floor(random() * 60)}`, `i${Math.floor(random() * 60)}`),
      ),
    );
    const results = await Promise.all(batches.map((batch) => interactions.record('default', batch)));
    const distinct = new Set(batches.flat().map(({ userId, itemId }) => `${userId} ${itemId}`));
    expect(results.reduce((sum, { stored }) => sum + stored, 0)).toBe(distinct.size);
    expect(await count()).toBe(distinct.size);
    const keys = await server.query(
      'SELECT count(DISTINCT user_key) AS distinct, max(user_key) AS max, count(*) FROM users',
    );
    expect(keys.rows[0]).toEqual({ distinct: '60', max: 59, count: '60' });
  });

  it('tells changed users before it commits, and gives all cached users up when they cannot be told', async () => {
    const told: unknown[] = [];
    const beforeCommit = async (changed: readonly unknown[]) => {
      told.push(...changed, await count());
      return false;
    };
    await interactions.record('default', [interaction('a', 'x')], { beforeCommit });
    expect(told).toEqual([{ userId: 'a', userKey: 0, revision: 1 }, 0]);
    expect((await server.query('SELECT cache_epoch FROM catalogs')).rows[0].cache_epoch).toBe(1);
  });

  it('gives all cached users up when nobody is there who tells them, as in an import from a shell', async () => {
    const epoch = async () => (await server.query('SELECT cache_epoch FROM catalogs')).rows[0].cache_epoch;
    await interactions.record('default', [interaction('a', 'x')]);
    expect(await epoch()).toBe(1);
    await interactions.record('default', [interaction('a', 'x')]);
    expect(await epoch()).toBe(1);
  });

  it('reads histories by key with the largest weight of each item', async () => {
    await interactions.record('default', [
      interaction('a', 'y', { weight: 2 }),
      interaction('a', 'x'),
      interaction('a', 'y', { type: 'buy', weight: 5 }),
    ]);
    const history = (await interactions.loadHistories('default', ['a', 'nobody'])).get('a');
    expect(history).toEqual({ revision: 1, itemKeys: Int32Array.of(0, 1), values: Float32Array.of(5, 1) });
  });

  it('reads a snapshot equal to the naive matrix', async () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 700 }, (_, n) =>
      interaction(`u${Math.floor(random() * 40)}`, `i${Math.floor(random() * 30)}`, {
        weight: 1 + Math.floor(random() * 5),
        occurredAt: new Date(AT.getTime() + n),
      }),
    );
    await interactions.record('default', rows);
    await new ItemsRepository(database).delete('default', 'i3');
    const expected = new Map<string, number>();
    for (const { userId, itemId, weight } of rows.filter((row) => row.itemId !== 'i3')) {
      expected.set(`${userId} ${itemId}`, Math.max(weight, expected.get(`${userId} ${itemId}`) ?? 0));
    }
    const snapshot = await snapshots.load('default');
    const names = async (table: string, key: string) =>
      new Map(
        (await server.query(`SELECT ${key} AS key, external_id FROM ${table}`)).rows.map((row) => [
          row.key,
          row.external_id,
        ]),
      );
    const [users, items] = [await names('users', 'user_key'), await names('items', 'item_key')];
    const actual = new Map<string, number>();
    for (let row = 0; row < snapshot.userKeys.length; row++) {
      for (let e = snapshot.indptr[row]!; e < snapshot.indptr[row + 1]!; e++) {
        actual.set(
          `${users.get(snapshot.userKeys[row])} ${items.get(snapshot.itemKeys[snapshot.indices[e]!])}`,
          snapshot.values[e]!,
        );
      }
    }
    expect(actual).toEqual(expected);
    expect(snapshot.itemKeys).toEqual(snapshot.itemKeys.slice().sort());
    expect((await snapshots.load('default')).hash).toBe(snapshot.hash);
    await interactions.record('default', [interaction('u1', 'new')]);
    expect((await snapshots.load('default')).hash).not.toBe(snapshot.hash);
  });

  it('reads an empty catalog and refuses one that does not exist', async () => {
    expect(await snapshots.load('default')).toMatchObject({
      indptr: Uint32Array.of(0),
      userKeys: new Int32Array(),
      itemKeys: new Int32Array(),
    });
    await expect(snapshots.load('nope')).rejects.toMatchObject({ code: 'catalog-not-found' });
    await expect(interactions.record('nope', [interaction('a', 'x')])).rejects.toMatchObject({
      code: 'catalog-not-found',
    });
  });

  it('limits the interaction types of a catalog', async () => {
    const types = Array.from({ length: 65 }, (_, n) => interaction('a', 'x', { type: `t${n}` }));
    await expect(interactions.record('default', types)).rejects.toMatchObject({
      code: 'too-many-interaction-types',
    });
    expect(await count()).toBe(0);
    expect(await interactions.record('default', types.slice(1))).toMatchObject({ stored: 64 });
  });

  describe('of weighted types', () => {
    const DAY = 86_400_000;
    const types: InteractionType[] = [
      {
        name: 'view',
        trainingWeight: 0.5,
        halfLifeDays: 10,
        positive: true,
        excludesSeen: false,
        repeats: 'max',
      },
      {
        name: 'buy',
        trainingWeight: 3,
        halfLifeDays: null,
        positive: true,
        excludesSeen: true,
        repeats: 'max',
      },
      {
        name: 'dislike',
        trainingWeight: 1,
        halfLifeDays: null,
        positive: false,
        excludesSeen: true,
        repeats: 'max',
      },
      {
        name: 'old',
        trainingWeight: 1,
        halfLifeDays: 0.01,
        positive: true,
        excludesSeen: false,
        repeats: 'max',
      },
    ];
    const put = async (all: readonly InteractionType[]) => {
      for (const type of all) await new InteractionTypesRepository(database).put('default', type);
    };

    /** x_ui by the formula, for one user. */
    function naiveRow(events: readonly DatedInteraction[]): Map<string, number> {
      const newest = Math.max(...events.map(({ occurredAt }) => occurredAt.getTime()));
      const row = new Map<string, number>();
      for (const item of new Set(events.map(({ itemId }) => itemId))) {
        const typed = events
          .filter(({ itemId }) => itemId === item)
          .map((event) => ({ ...event, ...types.find(({ name }) => name === event.type)! }));
        const last = (positive: boolean) =>
          Math.max(
            ...typed
              .filter((event) => event.positive === positive)
              .map((event) => event.occurredAt.getTime()),
          );
        const values = typed
          .filter(({ positive }) => positive)
          .map(({ weight, trainingWeight, halfLifeDays, occurredAt }) => {
            const halfLives = halfLifeDays ? (newest - occurredAt.getTime()) / DAY / halfLifeDays : 0;
            return Math.max(1e-37, weight * trainingWeight * 0.5 ** Math.min(60, halfLives));
          });
        row.set(item, last(true) > last(false) ? Math.max(...values) : 0);
      }
      return row;
    }

    it('make the matrix and the histories of the formula', async () => {
      await put(types);
      const random = seededRandom(5);
      const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
      const events = Array.from({ length: 400 }, () =>
        interaction(`u${Math.floor(random() * 12)}`, `i${Math.floor(random() * 9)}`, {
          type: pick(types).name,
          weight: 1 + Math.floor(random() * 3),
          occurredAt: new Date(AT.getTime() + Math.floor(random() * 100) * DAY),
        }),
      );
      const unique = [
        ...new Map(
          events.map((event) => [
            `${event.userId} ${event.itemId} ${event.type} ${event.occurredAt.getTime()}`,
            event,
          ]),
        ).values(),
      ];
      await interactions.record('default', unique);
      const keyOf = new Map<string, number>(
        (await server.query('SELECT external_id, item_key FROM items')).rows.map((row) => [
          row.external_id,
          row.item_key,
        ]),
      );
      const userIds = new Map<number, string>(
        (await server.query('SELECT external_id, user_key FROM users')).rows.map((row) => [
          row.user_key,
          row.external_id,
        ]),
      );
      const snapshot = await snapshots.load('default');
      const histories = await interactions.loadHistories('default', [...userIds.values()]);
      snapshot.userKeys.forEach((userKey, row) => {
        const userId = userIds.get(userKey)!;
        const expected = new Map(
          [...naiveRow(unique.filter((event) => event.userId === userId))].map(([item, value]) => [
            keyOf.get(item)!,
            Math.fround(value),
          ]),
        );
        const [start, end] = [snapshot.indptr[row]!, snapshot.indptr[row + 1]!];
        const found = new Map<number, number>();
        for (let e = start; e < end; e++)
          found.set(snapshot.itemKeys[snapshot.indices[e]!]!, snapshot.values[e]!);
        expect([...expected.keys()].filter((key) => expected.get(key)! > 0).sort()).toEqual(
          [...found.keys()].sort(),
        );
        for (const [key, value] of found) expect(value / expected.get(key)!).toBeCloseTo(1, 5);
        const history = histories.get(userId)!;
        expect([...history.itemKeys].sort()).toEqual([...expected.keys()].sort());
        const excluding = unique.filter(
          (event) => event.userId === userId && ['buy', 'dislike'].includes(event.type),
        );
        const excluded = new Set(excluding.map(({ itemId }) => keyOf.get(itemId)));
        expect([...(history.repeatable ?? [])]).toEqual(
          [...history.itemKeys].filter((key) => !excluded.has(key)),
        );
        history.itemKeys.forEach((key, position) =>
          expect(history.values[position]! / (expected.get(key)! || 1)).toBeCloseTo(
            expected.get(key)! > 0 ? 1 : 0,
            5,
          ),
        );
      });
    });

    it('leave the snapshot as it is when their settings say nothing', async () => {
      await interactions.record('default', [
        interaction('a', 'x', { weight: 0.1 }),
        interaction('b', 'y', { type: 'buy' }),
      ]);
      const { hash, values } = await snapshots.load('default');
      expect([...values]).toEqual([Math.fround(0.1), 1]);
      await put(
        ['view', 'buy'].map((name) => ({
          name,
          trainingWeight: 1,
          halfLifeDays: null,
          positive: true,
          excludesSeen: name === 'buy',
          repeats: 'max',
        })),
      );
      expect((await snapshots.load('default')).hash).toBe(hash);
      await put([
        {
          name: 'buy',
          trainingWeight: 2,
          halfLifeDays: null,
          positive: true,
          excludesSeen: true,
          repeats: 'max',
        },
      ]);
      expect((await snapshots.load('default')).hash).not.toBe(hash);
    });
  });
});
