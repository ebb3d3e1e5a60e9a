import { ItemPropertiesRepository, ItemsRepository } from '#data';
import { ITEM as PLAIN, TestData } from './testing/test-data.js';

const ITEM = { ...PLAIN, metadata: { year: 1999, deep: { list: [1, null] } } };

describe('items in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const items = () => new ItemsRepository(data.database);

  it('puts, reads, pages, deletes and revives an item under one key', async () => {
    await data.server.query("INSERT INTO catalogs (id) VALUES ('paged')");
    const { item, created } = await items().put('paged', ITEM);
    expect(created).toBe(true);
    expect(item).toMatchObject(ITEM);
    expect((await items().put('paged', { ...ITEM, title: null })).created).toBe(false);
    await items().putMany('paged', [
      { ...ITEM, itemId: 'y' },
      { ...ITEM, itemId: 'z' },
    ]);
    const page = await items().findPage('paged', null, 2);
    expect(page.items.map(({ itemId }) => itemId)).toEqual(['x', 'y']);
    expect((await items().findPage('paged', page.nextPosition, 2)).items.map(({ itemId }) => itemId)).toEqual(
      ['z'],
    );
    await items().delete('paged', 'x');
    await expect(items().load('paged', 'x')).rejects.toMatchObject({ code: 'item-not-found' });
    await expect(items().delete('paged', 'x')).rejects.toMatchObject({ code: 'item-not-found' });
    const revived = await items().put('paged', ITEM);
    expect([revived.created, revived.item.itemKey]).toEqual([true, item.itemKey]);
  });

  it('tells what changed since a revision, deletions included', async () => {
    const { revision } = await items().findServedSince('default', 0);
    await items().put('default', { ...ITEM, itemId: 'fresh', available: false });
    await items().delete('default', 'fresh');
    const { changed } = await items().findServedSince('default', revision);
    expect(changed).toMatchObject([{ itemId: 'fresh', deleted: true }]);
  });

  it('reads tags and metadata of the items that are asked for, and of no others', async () => {
    const items = new ItemsRepository(data.database);
    const { item } = await items.put('default', { ...ITEM, itemId: 'described' });
    await items.put('default', { ...ITEM, itemId: 'other' });
    const found = await new ItemPropertiesRepository(data.database).load('default', [
      item.itemKey,
      1_000_000,
    ]);
    expect([...found]).toEqual([[item.itemKey, { tags: ITEM.tags, metadata: ITEM.metadata }]]);
  });

  it('reads one column of the items in the order in which they changed, page by page', async () => {
    const items = new ItemsRepository(data.database);
    const columns = new ItemPropertiesRepository(data.database);
    await data.server.query("INSERT INTO catalogs (id) VALUES ('columns')");
    const put = (itemId: string, year: unknown) =>
      items.put('columns', { ...ITEM, itemId, metadata: { year: year as number } });
    for (const [itemId, year] of [
      ['a', 1990],
      ['b', { deep: 1 }],
      ['c', ['x', 2]],
      ['d', null],
    ] as const)
      await put(itemId, year);
    await items.delete('columns', 'b');
    await put('a', 2000);
    const start = { revision: 0, itemKey: -1 };
    const years = await columns.findColumnPage('columns', 'metadata.year', start, 3);
    expect(years.map(({ itemKey, value }) => [itemKey, value])).toEqual([
      [2, ['x', 2]],
      [3, null],
      [1, null],
    ]);
    const rest = await columns.findColumnPage('columns', 'metadata.year', years.at(-1)!, 3);
    expect(rest).toEqual([{ itemKey: 0, revision: 6, value: 2000 }]);
    const tags = await columns.findColumnPage('columns', 'tags', start, 10);
    expect(tags.map(({ value }) => value)).toEqual([['a', 'b'], ['a', 'b'], null, ['a', 'b']]);
    const [created] = await columns.findColumnPage('columns', 'createdAt', start, 1);
    const { createdAt } = await items.load('columns', 'c');
    expect(Math.abs((created!.value as number) - createdAt.getTime())).toBeLessThan(1);
  });
});
