import { InteractionTypesRepository, ItemsRepository, SnapshotReader } from '#data';
import type { DatedInteraction, InteractionType } from '#domain';
import { seededRandom } from '#models';
import { AT, interaction, TestData } from './testing/test-data.js';

describe('snapshots and histories', () => {
  const data = TestData.ofEachTest();
  const snapshots = () => new SnapshotReader(data.database);
  /** Ids by their keys. */
  const idsOf = async (table: string, key: string) => {
    const { rows } = await data.server.query(`SELECT ${key} AS key, external_id FROM ${table}`);
    return new Map<number, string>(rows.map((row) => [row.key, row.external_id]));
  };

  it('reads histories by key with the largest weight of each item', async () => {
    await data.interactions.record('default', [
      interaction('a', 'y', { weight: 2 }),
      interaction('a', 'x'),
      interaction('a', 'y', { type: 'buy', weight: 5 }),
    ]);
    const history = (await data.interactions.loadHistories('default', ['a', 'nobody'])).get('a');
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
    await data.interactions.record('default', rows);
    await new ItemsRepository(data.database).delete('default', 'i3');
    const expected = new Map<string, number>();
    for (const { userId, itemId, weight } of rows.filter((row) => row.itemId !== 'i3')) {
      expected.set(`${userId} ${itemId}`, Math.max(weight, expected.get(`${userId} ${itemId}`) ?? 0));
    }
    const snapshot = await snapshots().load('default');
    const [users, items] = [await idsOf('users', 'user_key'), await idsOf('items', 'item_key')];
    const actual = new Map<string, number>();
    for (let row = 0; row < snapshot.userKeys.length; row++) {
      for (let e = snapshot.indptr[row]!; e < snapshot.indptr[row + 1]!; e++) {
        actual.set(
          `${users.get(snapshot.userKeys[row]!)} ${items.get(snapshot.itemKeys[snapshot.indices[e]!]!)}`,
          snapshot.values[e]!,
        );
      }
    }
    expect(actual).toEqual(expected);
    const byBytes = (ids: Map<number, string>) =>
      [...ids.values()]
        .filter((id) => id !== 'i3')
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(Array.from(snapshot.userKeys, (key) => users.get(key))).toEqual(byBytes(users));
    expect(Array.from(snapshot.itemKeys, (key) => items.get(key))).toEqual(byBytes(items));
    expect((await snapshots().load('default')).hash).toBe(snapshot.hash);
    await data.interactions.record('default', [interaction('u1', 'new')]);
    expect((await snapshots().load('default')).hash).not.toBe(snapshot.hash);
  });

  it('reads an empty catalog and refuses one that does not exist', async () => {
    expect(await snapshots().load('default')).toMatchObject({
      indptr: Uint32Array.of(0),
      userKeys: new Int32Array(),
      itemKeys: new Int32Array(),
    });
    await expect(snapshots().load('nope')).rejects.toMatchObject({ code: 'catalog-not-found' });
    await expect(data.interactions.record('nope', [interaction('a', 'x')])).rejects.toMatchObject({
      code: 'catalog-not-found',
    });
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
        repeatAfterDays: null,
        repeats: 'max',
      },
      {
        name: 'buy',
        trainingWeight: 3,
        halfLifeDays: null,
        positive: true,
        excludesSeen: true,
        repeatAfterDays: null,
        repeats: 'max',
      },
      {
        name: 'dislike',
        trainingWeight: 1,
        halfLifeDays: null,
        positive: false,
        excludesSeen: true,
        repeatAfterDays: null,
        repeats: 'max',
      },
      {
        name: 'old',
        trainingWeight: 1,
        halfLifeDays: 0.01,
        positive: true,
        excludesSeen: false,
        repeatAfterDays: null,
        repeats: 'max',
      },
    ];
    const put = async (all: readonly InteractionType[]) => {
      for (const type of all) await new InteractionTypesRepository(data.database).put('default', type);
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

    /** One event at most for a user, item, type and time. */
    function drawEvents(): DatedInteraction[] {
      const random = seededRandom(5);
      const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
      const events = Array.from({ length: 400 }, () =>
        interaction(`u${Math.floor(random() * 12)}`, `i${Math.floor(random() * 9)}`, {
          type: pick(types).name,
          weight: 1 + Math.floor(random() * 3),
          occurredAt: new Date(AT.getTime() + Math.floor(random() * 100) * DAY),
        }),
      );
      return [
        ...new Map(
          events.map((event) => [
            `${event.userId} ${event.itemId} ${event.type} ${event.occurredAt.getTime()}`,
            event,
          ]),
        ).values(),
      ];
    }

    it('make the matrix and the histories of the formula', async () => {
      await put(types);
      const unique = drawEvents();
      await data.interactions.record('default', unique);
      const userIds = await idsOf('users', 'user_key');
      const keyOf = new Map([...(await idsOf('items', 'item_key'))].map(([key, id]) => [id, key]));
      const snapshot = await snapshots().load('default');
      const histories = await data.interactions.loadHistories('default', [...userIds.values()]);
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
      await data.interactions.record('default', [
        interaction('a', 'x', { weight: 0.1 }),
        interaction('b', 'y', { type: 'buy' }),
      ]);
      const { hash, values } = await snapshots().load('default');
      expect([...values]).toEqual([Math.fround(0.1), 1]);
      await put(
        ['view', 'buy'].map((name) => ({
          name,
          trainingWeight: 1,
          halfLifeDays: null,
          positive: true,
          excludesSeen: name === 'buy',
          repeatAfterDays: null,
          repeats: 'max',
        })),
      );
      expect((await snapshots().load('default')).hash).toBe(hash);
      await put([
        {
          name: 'buy',
          trainingWeight: 2,
          halfLifeDays: null,
          positive: true,
          excludesSeen: true,
          repeatAfterDays: null,
          repeats: 'max',
        },
      ]);
      expect((await snapshots().load('default')).hash).not.toBe(hash);
    });
  });
});
