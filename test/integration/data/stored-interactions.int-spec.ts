import { ItemsRepository, StoredInteractionsRepository, type InteractionPage, type Page } from '#data';
import type { InteractionFilter, StoredInteraction } from '#domain';
import { seededRandom } from '#models';
import { interaction, TestData } from './testing/test-data.js';

const [USERS, ITEMS, ROWS] = [12, 6, 900];
const TYPES = ['view', 'buy', 'like'];
const [OF_USER, OF_ITEM] = ['findOfUser', 'findOfItem'] as const;
/** Of half of the rows: times with many interactions. */
const SAME_TIME = Date.UTC(2026, 0, 1);

describe('stored interactions in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const stored = () => new StoredInteractionsRepository(data.database);
  let rows: StoredInteraction[];

  beforeAll(async () => {
    const random = seededRandom(5);
    const below = (n: number) => Math.floor(random() * n);
    await data.interactions.record(
      'default',
      Array.from({ length: ROWS }, () =>
        interaction(`user-${below(USERS)}`, `item-${below(ITEMS)}`, {
          type: TYPES[below(TYPES.length)]!,
          weight: 1 + below(3) / 4,
          occurredAt: new Date(SAME_TIME + (random() < 0.5 ? 0 : below(1_000) * 3_600_000)),
        }),
      ),
    );
    // Rows can have microseconds, by which neighbours differ.
    await data.server.query(
      `UPDATE interactions SET occurred_at = occurred_at + (item_key * 7 + user_key) * interval '1 microsecond'
       WHERE user_key % 3 = 0 AND type_key = 1`,
    );
    await data.server.query("INSERT INTO catalogs (id) VALUES ('other')");
    await data.interactions.record('other', [interaction('user-0', 'item-0')]);
    rows = await naive();
  });

  /** All rows in the order of lists: the newest first, ties by keys. */
  const naive = async (): Promise<StoredInteraction[]> => {
    const { rows: found } = await data.server.query(
      `SELECT u.external_id AS "userId", i.external_id AS "itemId", t.name AS type, n.weight,
         to_char(n.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at
       FROM interactions n JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
         JOIN interaction_types t USING (catalog_id, type_key) WHERE catalog_id = 'default'
       ORDER BY n.occurred_at DESC, n.item_key DESC, n.user_key DESC, n.type_key DESC`,
    );
    return found.map(({ at, ...row }) => ({ ...row, occurredAt: `${String(at).replace(/000$/, '')}Z` }));
  };
  const expected = (
    { types, from, to }: InteractionFilter,
    isOwn: (row: StoredInteraction) => boolean,
  ): StoredInteraction[] => {
    const micros = (text: string) => text.replace('Z', '').padEnd(26, '0');
    return rows.filter(
      (row) =>
        isOwn(row) &&
        (types === undefined || types.includes(row.type)) &&
        (from === undefined || micros(row.occurredAt) >= micros(from.toISOString())) &&
        (to === undefined || micros(row.occurredAt) < micros(to.toISOString())),
    );
  };
  const allOf = async (
    find: typeof OF_USER | typeof OF_ITEM,
    id: string,
    { filter, limit }: Pick<InteractionPage, 'filter' | 'limit'>,
  ) => {
    const found: StoredInteraction[] = [];
    let after: string | null = null;
    do {
      const page: Page<StoredInteraction> = await stored()[find]('default', id, { filter, after, limit });
      if (page.nextPosition !== null) expect(page.items).toHaveLength(limit);
      found.push(...page.items);
      after = page.nextPosition;
    } while (after !== null);
    return found;
  };

  const FILTERS: InteractionFilter[] = [
    {},
    { types: ['buy'] },
    { types: ['unknown'] },
    { types: ['like', 'view'] },
    { from: new Date('2026-01-01T00:00:00.001Z') },
    { to: new Date('2026-01-01T00:00:00.000Z') },
    { to: new Date('2026-01-01T00:00:00.001Z') },
    {
      ...{ from: new Date('2026-01-10T00:00:00.000Z'), to: new Date('2026-02-01T00:00:00.000Z') },
      types: ['view'],
    },
  ];

  it.each([1, 3, 10, 500])(
    'are those of a user and of an item, the newest first, %d a page',
    async (limit) => {
      expect(rows.length).toBeGreaterThan(500);
      for (const filter of FILTERS) {
        const userId = 'user-3';
        const ofUser = expected(filter, (row) => row.userId === userId);
        expect([filter, await allOf(OF_USER, userId, { filter, limit })]).toEqual([filter, ofUser]);
        const itemId = 'item-2';
        const ofItem = expected(filter, (row) => row.itemId === itemId);
        expect([filter, await allOf(OF_ITEM, itemId, { filter, limit })]).toEqual([filter, ofItem]);
      }
    },
  );

  it('are those of every user and item', async () => {
    for (let user = 0; user < USERS; user++)
      expect(await allOf(OF_USER, `user-${user}`, { filter: {}, limit: 20 })).toEqual(
        expected({}, ({ userId }) => userId === `user-${user}`),
      );
    for (let item = 0; item < ITEMS; item++)
      expect(await allOf(OF_ITEM, `item-${item}`, { filter: {}, limit: 20 })).toEqual(
        expected({}, ({ itemId }) => itemId === `item-${item}`),
      );
  });

  it('stay where they are in the pages while newer ones come', async () => {
    const page = { filter: {}, limit: 5 };
    const first = await stored().findOfUser('default', 'user-1', { ...page, after: null });
    const newer = { occurredAt: new Date('2026-06-01T00:00:00Z'), type: 'like' };
    await data.interactions.record('default', [interaction('user-1', 'item-1', newer)]);
    const second = await stored().findOfUser('default', 'user-1', { ...page, after: first.nextPosition });
    const own = expected({}, ({ userId }) => userId === 'user-1');
    expect([...first.items, ...second.items]).toEqual(own.slice(0, 10));
  });

  /** Entries of indexes of interactions that were read so far. */
  const readTuples = async () => {
    await data.database.pool.query('SELECT pg_stat_force_next_flush()');
    const { rows: counts } = await data.server.query(
      `SELECT sum(idx_tup_read)::int AS read FROM pg_stat_user_indexes WHERE relname = 'interactions'`,
    );
    return counts[0].read as number;
  };

  it('read no more of a popular item than a page of each type', async () => {
    await data.server.query(
      `INSERT INTO users (catalog_id, user_key, external_id) SELECT 'default', n, 'many-' || n
         FROM generate_series(1000, 20999) n;
       INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
         SELECT 'default', n, 0, 1, '2026-01-01', 1 FROM generate_series(1000, 20999) n;
       ANALYZE users, interactions`,
    );
    const { rows: items } = await data.server.query(
      "SELECT external_id AS id FROM items WHERE catalog_id = 'default' AND item_key = 0",
    );
    const before = await readTuples();
    const page = { filter: {}, limit: 10, after: null };
    expect((await stored().findOfItem('default', items[0].id, page)).items).toHaveLength(10);
    // Those of a page of each type, and of the page once more. A few of other reads may be told late.
    expect((await readTuples()) - before).toBeLessThan(11 * (TYPES.length + 1) + 100);
  });

  it('read all keys of a user for a page, and all else of the page alone', async () => {
    const many = 3_000;
    await data.server.query(
      `INSERT INTO users (catalog_id, user_key, external_id) VALUES ('default', 999, 'heavy');
       INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
         SELECT 'default', 999, n % ${ITEMS}, 1, timestamptz '2026-01-01' + n * interval '1 hour', 1
         FROM generate_series(1, ${many}) n;
       ANALYZE users, interactions`,
    );
    const before = await readTuples();
    const page = { filter: {}, limit: 10, after: null };
    expect((await stored().findOfUser('default', 'heavy', page)).items).toHaveLength(10);
    expect((await readTuples()) - before).toBeLessThan(many + 11 + 100);
  });

  it('are of nobody that there is not, and of no deleted item', async () => {
    const page = { filter: {}, after: null, limit: 10 };
    await expect(stored().findOfUser('default', 'nobody', page)).rejects.toMatchObject({
      code: 'user-not-found',
    });
    await expect(stored().findOfItem('default', 'nothing', page)).rejects.toMatchObject({
      code: 'item-not-found',
    });
    await new ItemsRepository(data.database).delete('default', 'item-5');
    await data.interactions.record('default', [interaction('user-2', 'item-5')]);
    await expect(stored().findOfItem('default', 'item-5', page)).rejects.toMatchObject({
      code: 'item-not-found',
    });
    const { items } = await stored().findOfUser('default', 'user-2', { ...page, limit: 500 });
    expect(items.map(({ itemId }) => itemId)).not.toContain('item-5');
  });
});
