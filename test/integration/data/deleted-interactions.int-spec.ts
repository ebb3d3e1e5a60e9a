import {
  CatalogsRepository,
  ItemsRepository,
  SnapshotReader,
  type ChangedUser,
  type DeletedInteractions,
} from '#data';
import type { DatedInteraction, InteractionFilter } from '#domain';
import { waitFor } from '../../support/processes.js';
import { AT, interaction, ITEM, TestData } from './testing/test-data.js';

const dayOf = (day: number) => new Date(AT.getTime() + day * 86_400_000);

describe('interactions of a user that are deleted', () => {
  const data = TestData.ofEachTest();
  const rows: readonly DatedInteraction[] = [
    interaction('ada', 'dune', { occurredAt: dayOf(1) }),
    interaction('ada', 'dune', { occurredAt: dayOf(2), type: 'buy' }),
    interaction('ada', 'emma', { occurredAt: dayOf(2) }),
    interaction('ada', 'emma', { occurredAt: dayOf(3) }),
    interaction('ben', 'dune', { occurredAt: dayOf(2) }),
  ];
  let told: ChangedUser[];

  beforeEach(async () => {
    told = [];
    await data.interactions.record('default', rows);
  });

  const tell = (changed: readonly ChangedUser[]) => {
    told.push(...changed);
    return Promise.resolve(true);
  };
  const deleteOf = (userId: string, filter: InteractionFilter, beforeCommit = tell) =>
    data.interactions.deleteOf('default', userId, filter, { beforeCommit });
  /** As `user item type day`. */
  const left = async (table = 'interactions') =>
    (
      await data.server.query(
        `SELECT concat_ws(' ', u.external_id, i.external_id, t.name, extract(day FROM occurred_at AT TIME ZONE 'UTC') - 1) AS row
        FROM ${table} n JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
          JOIN interaction_types t USING (catalog_id, type_key) ORDER BY 1`,
      )
    ).rows.map(({ row }) => row as string);
  const [DUNE, DUNE_BOUGHT, EMMA, EMMA_AGAIN] = [
    'ada dune view 1',
    'ada dune buy 2',
    'ada emma view 2',
    'ada emma view 3',
  ];
  const BEN = 'ben dune view 2';

  it.each<[string, InteractionFilter, string[]]>([
    ['all', {}, []],
    ['those with an item', { itemIds: ['dune'] }, [EMMA, EMMA_AGAIN]],
    ['those of a type', { types: ['view'] }, [DUNE_BOUGHT]],
    ['those with one of some items', { itemIds: ['dune', 'emma', 'unheard-of'] }, []],
    ['those from a time on', { from: dayOf(2) }, [DUNE]],
    ['those before a time', { to: dayOf(2) }, [DUNE_BOUGHT, EMMA, EMMA_AGAIN]],
    [
      'those that meet all of it',
      { itemIds: ['emma'], types: ['view'], from: dayOf(1), to: dayOf(3) },
      [DUNE_BOUGHT, DUNE, EMMA_AGAIN],
    ],
    ['none with an unknown item', { itemIds: ['unheard-of'] }, [DUNE_BOUGHT, DUNE, EMMA, EMMA_AGAIN]],
    ['none of an unknown type', { types: ['unheard-of'] }, [DUNE_BOUGHT, DUNE, EMMA, EMMA_AGAIN]],
    ['none of no items', { itemIds: [] }, [DUNE_BOUGHT, DUNE, EMMA, EMMA_AGAIN]],
  ])('are %s, and nobody else’s', async (_what, filter, expected) => {
    const { deleted } = await deleteOf('ada', filter);
    expect(deleted).toBe(4 - expected.length);
    expect((await left()).sort()).toEqual([...expected, BEN].sort());
  });

  it('change the history and its revision at once; where nothing goes, nothing changes', async () => {
    const { changedUsers } = await deleteOf('ada', { itemIds: ['emma'] });
    expect(changedUsers).toEqual([{ userId: 'ada', userKey: 0, revision: 2 }]);
    expect(told).toEqual(changedUsers);
    const histories = await data.interactions.loadHistories('default', ['ada']);
    expect(histories.get('ada')).toMatchObject({ revision: 2, itemKeys: Int32Array.of(0) });
    for (const [userId, filter] of [
      ['ada', { itemIds: ['emma'] }],
      ['nobody', {}],
    ] as const)
      expect(await deleteOf(userId, filter)).toEqual({ deleted: 0, changedUsers: [] });
    expect(told).toHaveLength(1);
  });

  it('leave an empty history where none is left', async () => {
    await deleteOf('ada', {});
    const histories = await data.interactions.loadHistories('default', ['ada']);
    expect(histories.get('ada')).toEqual({
      revision: 2,
      itemKeys: Int32Array.of(),
      values: Float32Array.of(),
    });
  });

  it('are in no snapshot, and what is left counts as its type says', async () => {
    const rate = (weight: number, day: number, type: string) =>
      interaction('eve', 'dune', { weight, occurredAt: dayOf(day), type });
    await data.interactions.record(
      'default',
      ['rate', 'play', 'look'].flatMap((type) => [rate(5, 1, type), rate(2, 2, type), rate(1, 3, type)]),
    );
    const repeats = { rate: 'newest', play: 'sum', look: 'max' } as const;
    for (const [name, rule] of Object.entries(repeats))
      await data.server.query('UPDATE interaction_types SET repeats = $2 WHERE name = $1', [name, rule]);
    const valuesAfter = async (filter: InteractionFilter) => {
      await deleteOf('eve', filter);
      const history = (await data.interactions.loadHistories('default', ['eve'])).get('eve')!;
      const { userKeys, indptr, values } = await new SnapshotReader(data.database).load('default');
      const place = userKeys.indexOf(2);
      const row = place < 0 ? [] : [...values.slice(indptr[place], indptr[place + 1])];
      return [[...history.values], row];
    };
    expect(await valuesAfter({ types: ['look'] })).toEqual([[8], [8]]);
    expect(await valuesAfter({ types: ['play'], to: dayOf(2) })).toEqual([[3], [3]]);
    expect(await valuesAfter({ types: ['play'] })).toEqual([[1], [1]]);
    expect(await valuesAfter({ from: dayOf(3) })).toEqual([[2], [2]]);
    expect(await valuesAfter({ from: dayOf(2) })).toEqual([[5], [5]]);
    expect(await valuesAfter({})).toEqual([[], []]);
  });

  describe('with a deleted item', () => {
    const items = () => new ItemsRepository(data.database);
    const late = [
      interaction('ada', 'dune', { occurredAt: dayOf(5) }),
      interaction('ada', 'dune', { occurredAt: dayOf(6), type: 'buy' }),
      interaction('ben', 'dune', { occurredAt: dayOf(5) }),
    ];
    beforeEach(async () => {
      await items().delete('default', 'dune');
      await data.interactions.record('default', late);
    });

    it('go by the same filter, so that they do not come back with the item', async () => {
      expect(await deleteOf('ada', { itemIds: ['dune'], types: ['view'] })).toEqual({
        deleted: 1,
        changedUsers: [],
      });
      expect(await left('late_interactions')).toEqual(['ada dune buy 6', 'ben dune view 5']);
      expect(await deleteOf('ada', {})).toMatchObject({ deleted: 3 });
      await items().put('default', { ...ITEM, itemId: 'dune' });
      expect(await left()).toEqual(['ben dune view 5']);
    });

    it('go although the item comes back meanwhile', async () => {
      let deletion: Promise<DeletedInteractions> | undefined;
      const beforeCommit = async () => {
        deletion = deleteOf('ada', { itemIds: ['dune'] });
        await Promise.race([deletion, waitFor('the deletion to wait', isWaiting)]);
        return true;
      };
      await items().put('default', { ...ITEM, itemId: 'dune' }, { beforeCommit });
      expect((await deletion)!.deleted).toBe(2);
      expect(await left()).toEqual([EMMA, EMMA_AGAIN, 'ben dune view 5']);
    });
    const isWaiting = async () => {
      const waiting = "wait_event_type = 'Lock' AND datname = current_database()";
      return (await data.count('pg_stat_activity', waiting)) > 0;
    };
  });

  it('give all cached users up where these cannot be told', async () => {
    const epoch = async () => (await new CatalogsRepository(data.database).load('default')).cacheEpoch;
    const before = await epoch();
    await deleteOf('ada', { itemIds: ['emma'] }, () => Promise.resolve(false));
    expect([await epoch(), (await left()).length]).toEqual([before + 1, 3]);
  });

  it('are all there where telling fails, and all of one span go while others come', async () => {
    const failing = () => Promise.reject(new Error('lost'));
    await expect(deleteOf('ada', {}, failing)).rejects.toThrow('lost');
    expect(await left()).toHaveLength(5);
    const posts = Array.from({ length: 20 }, (_, n) =>
      data.interactions.record('default', [interaction('ada', `i-${n}`, { occurredAt: dayOf(20 + n) })]),
    );
    const deletions = [1, 2, 3].map(() => deleteOf('ada', { to: dayOf(10) }));
    await Promise.all(posts);
    const counts = (await Promise.all(deletions)).map(({ deleted }) => deleted);
    expect(counts.reduce((sum, count) => sum + count)).toBe(4);
    expect(await left()).toHaveLength(21);
  });

  it('are of a catalog that is there', async () => {
    await expect(data.interactions.deleteOf('nowhere', 'ada', {})).rejects.toMatchObject({
      code: 'catalog-not-found',
    });
  });
});
