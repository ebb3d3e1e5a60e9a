import {
  CatalogDeletionsRepository,
  CatalogsRepository,
  ItemsRepository,
  PopularItemsRepository,
  SimilarUsersRepository,
  SnapshotReader,
  UsageRepository,
  type ChangedUser,
} from '#data';
import { AT, interaction, TestData } from './testing/test-data.js';

const ITEM = { itemId: 'gone', title: 'Back again', tags: [], metadata: {}, available: true };

describe('interactions with a deleted item', () => {
  const data = TestData.ofEachTest();
  const items = () => new ItemsRepository(data.database);

  beforeEach(async () => {
    await data.interactions.record('default', [
      interaction('a', 'gone'),
      interaction('a', 'kept'),
      interaction('b', 'kept'),
    ]);
    await items().delete('default', 'gone');
  });

  const countOf = async (table: string, condition = 'true') =>
    Number((await data.server.query(`SELECT count(*) FROM ${table} WHERE ${condition}`)).rows[0].count);
  const late = [interaction('b', 'gone'), interaction('c', 'gone', { type: 'buy' })];

  /** Everything that the database answers about a catalog. */
  const answers = async () => ({
    served: (await items().findServedSince('default', 0)).changed,
    page: await items().findPage('default', null, 10),
    popular: await new PopularItemsRepository(data.database).count('default', {
      from: null,
      to: new Date('2026-06-01T00:00:00Z'),
      halfLifeDays: null,
      types: null,
      userTag: null,
    }),
    similar: await new SimilarUsersRepository(data.database).findNearest('default', 'a', 10),
    histories: await data.interactions.loadHistories('default', ['a', 'b']),
    hash: (await new SnapshotReader(data.database).load('default')).hash,
    pairs: await new SnapshotReader(data.database).countPairs('default'),
    interactions: (await new UsageRepository(data.database).measure('default')).interactions,
  });

  it('are stored, once, and enter no list, no count, no history and no training', async () => {
    const before = await answers();
    expect(await data.interactions.record('default', late)).toEqual({
      stored: 2,
      duplicates: 0,
      merged: 0,
      changedUsers: [],
    });
    expect(await answers()).toEqual(before);
    expect(await data.interactions.record('default', late)).toEqual({
      stored: 0,
      duplicates: 2,
      merged: 0,
      changedUsers: [],
    });
    await expect(items().load('default', 'gone')).rejects.toMatchObject({ code: 'item-not-found' });
    expect(await countOf('late_interactions')).toBe(2);
  });

  it('do not keep the others of their batch from being stored', async () => {
    const { stored, changedUsers } = await data.interactions.record('default', [
      ...late,
      interaction('c', 'kept'),
      interaction('c', 'new'),
    ]);
    expect([stored, changedUsers.map(({ userId }) => userId)]).toEqual([4, ['c']]);
    const { itemKeys } = (await data.interactions.loadHistories('default', ['c'])).get('c')!;
    expect([...itemKeys]).toEqual([1, 2]);
  });

  it.each([
    ['by itself', () => items().put('default', ITEM, { beforeCommit: told })],
    ['among others', () => items().putMany('default', [{ ...ITEM, itemId: 'other' }, ITEM], told)],
  ])('count at once when the item is put again %s, and its users are told', async (_how, put) => {
    await data.interactions.record('default', late);
    await put();
    expect(toldUsers.sort((one, other) => one.userKey - other.userKey)).toEqual([
      { userId: 'b', userKey: 1, revision: 2 },
      { userId: 'c', userKey: 2, revision: 1 },
    ]);
    const { histories, popular, pairs, similar } = await answers();
    expect([...histories.get('b')!.itemKeys]).toEqual([0, 1]);
    expect([...popular.itemKeys]).toEqual([0, 1]);
    expect(pairs).toEqual({ numUsers: 3, numItems: 2, nnz: 4 });
    expect(similar).toMatchObject([{ userId: 'b', sharedItems: 1 }]);
    expect(await countOf('late_interactions')).toBe(0);
    expect(await data.interactions.record('default', late)).toMatchObject({ stored: 0, duplicates: 2 });
  });

  let toldUsers: ChangedUser[];
  beforeEach(() => (toldUsers = []));
  const told = (changed: readonly ChangedUser[]) => {
    toldUsers.push(...changed);
    return Promise.resolve(true);
  };

  it('give all cached users up when the item is put again and these cannot be told', async () => {
    const epoch = async () => (await new CatalogsRepository(data.database).load('default')).cacheEpoch;
    await data.interactions.record('default', late, { beforeCommit: told });
    const before = await epoch();
    await items().put('default', ITEM, { beforeCommit: () => Promise.resolve(false) });
    expect(await epoch()).toBe(before + 1);
  });

  it('wait for the item as long as it is deleted, whatever else is put and deleted', async () => {
    await data.interactions.record('default', late);
    await items().put('default', { ...ITEM, itemId: 'other' });
    await items().delete('default', 'other');
    await items().put('default', { ...ITEM, itemId: 'other' });
    expect(await countOf('late_interactions')).toBe(2);
  });

  it('go with their catalog', async () => {
    await data.interactions.record('default', late);
    const deletions = new CatalogDeletionsRepository(data.database);
    const { deletion } = await deletions.begin('default');
    await deletions.deleteRows(deletion);
    expect(await countOf('late_interactions')).toBe(0);
    expect(await deletions.finish(deletion)).toBe(true);
    expect((await deletions.load(deletion.id)).deleted.interactions).toBe(4);
  });

  it('are never beside it: writers, deletions and puts of one item at once leave each row in its place', async () => {
    const rounds = Array.from({ length: 40 }, (_, round) => round);
    const post = (round: number) =>
      data.interactions.record('default', [
        interaction(`u${round % 7}`, 'gone', { occurredAt: new Date(AT.getTime() + round) }),
        interaction(`u${round % 5}`, 'kept', { occurredAt: new Date(AT.getTime() + round) }),
      ]);
    const remove = () =>
      items()
        .delete('default', 'gone')
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'item-not-found' });
        });
    const results = [];
    // No more at once than there are connections: on a busy machine the others would wait until refused.
    for (let from = 0; from < rounds.length; from += 4)
      results.push(
        ...(await Promise.all(
          rounds
            .slice(from, from + 4)
            .flatMap((round) => [post(round), round % 4 === 0 ? items().put('default', ITEM) : remove()]),
        )),
      );
    const put = results.flatMap((result) => (result && 'item' in result ? [result.item.title] : []));
    expect(put).toEqual(Array.from({ length: 10 }, () => ITEM.title));
    const deleted = 'item_key IN (SELECT item_key FROM items WHERE deleted_at IS NOT NULL)';
    expect(await countOf('interactions', deleted)).toBe(0);
    expect(await countOf('late_interactions', `NOT ${deleted}`)).toBe(0);
    expect(await countOf('interactions', 'item_key = 1')).toBe(42);
  });
});
