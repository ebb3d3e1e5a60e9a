import { CatalogsRepository, ItemPropertiesRepository, ItemsRepository, SnapshotReader } from '#data';
import { LIMITS, type DomainError, type ImportedItem } from '#domain';
import { AT, interaction, ITEM, TestData } from './testing/test-data.js';

const CREATED = new Date('2024-05-01T10:00:00.125Z');
const GONE = new Date('2025-06-01T10:00:00.456Z');

const item = (itemId: string, fields: Partial<ImportedItem> = {}): ImportedItem => ({
  ...{ ...ITEM, itemId },
  ...fields,
});

async function* inOneChunk<Row>(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
  await Promise.resolve();
}

/** Beside these items an import is one of many. */
const MANY = Array.from({ length: LIMITS.itemsPerRequest }, (_, n) => item(`other-${n}`));

describe.each([
  ['few', []],
  ['many', MANY],
])('an import of %s items', (_size, others) => {
  const data = TestData.ofEachTest();
  const put = async (...items: ImportedItem[]) =>
    (await data.imports.importAll('default', { items: inOneChunk([...items, ...others]) })).items;
  const items = () => new ItemsRepository(data.database);
  const itemCount = async () =>
    (await new CatalogsRepository(data.database).load('default')).itemCount - others.length;
  const rowOf = async (itemId: string) =>
    (await data.server.query('SELECT * FROM items WHERE external_id = $1', [itemId])).rows[0];
  const snapshot = () => new SnapshotReader(data.database).load('default');

  it('keeps the time that an item was created at, which ages go by', async () => {
    expect(await put(item('x', { createdAt: CREATED }))).toMatchObject({ updated: 0, deleted: 0 });
    expect((await items().load('default', 'x')).createdAt).toEqual(CREATED);
    const { itemKey } = await items().load('default', 'x');
    const properties = new ItemPropertiesRepository(data.database);
    const ages = await properties.findColumnPage(
      'default',
      'createdAt',
      { revision: 0, itemKey: -1 },
      10_000,
    );
    expect(ages.find((row) => row.itemKey === itemKey)?.value).toBe(CREATED.getTime());
  });

  it('leaves the time of an item that it knows where the file has none', async () => {
    await put(item('x', { createdAt: CREATED }));
    await put(item('x', { title: 'Again' }));
    expect(await items().load('default', 'x')).toMatchObject({ title: 'Again', createdAt: CREATED });
    await items().delete('default', 'x');
    await put(item('x'));
    expect((await items().load('default', 'x')).createdAt).toEqual(CREATED);
    await items().put('default', item('x', { createdAt: GONE }));
    expect((await items().load('default', 'x')).createdAt).toEqual(GONE);
  });

  it('stores a deleted item as deleted: no list, no count and no training has it', async () => {
    const stored = await put(item('x', { createdAt: CREATED, deletedAt: GONE }), item('y'));
    expect(stored).toEqual({ created: 1 + others.length, updated: 0, deleted: 1 });
    await expect(items().load('default', 'x')).rejects.toMatchObject({
      code: 'item-not-found',
    } satisfies Partial<DomainError>);
    expect(await itemCount()).toBe(1);
    expect(await rowOf('x')).toMatchObject({
      title: null,
      tags: [],
      metadata: {},
      created_at: CREATED,
      deleted_at: GONE,
    });
    await data.interactions.record('default', [interaction('ada', 'x'), interaction('ada', 'y')]);
    expect([await data.count('late_interactions'), (await snapshot()).itemKeys.length]).toEqual([1, 1]);
  });

  it('makes interactions of the same import late when their item is deleted', async () => {
    const rows = inOneChunk([interaction('ada', 'x'), interaction('ada', 'y')]);
    const file = inOneChunk([item('x', { deletedAt: GONE }), item('y'), ...others]);
    expect(await data.imports.importAll('default', { items: file, interactions: rows })).toMatchObject({
      stored: 2,
    });
    expect([await data.count('late_interactions'), await data.count('interactions')]).toEqual([1, 1]);
  });

  it('deletes an item that it knows with its interactions, and invalidates who has them cached', async () => {
    await data.interactions.record('default', [interaction('ada', 'x'), interaction('ada', 'y')]);
    const { cacheEpoch } = await new CatalogsRepository(data.database).load('default');
    expect(await put(item('x', { deletedAt: GONE }))).toMatchObject({ updated: 0, deleted: 1 });
    expect([await data.count('interactions'), await itemCount()]).toEqual([1, 1]);
    expect((await new CatalogsRepository(data.database).load('default')).cacheEpoch).toBe(cacheEpoch + 1);
    expect(await put(item('x', { deletedAt: AT }))).toMatchObject({ updated: others.length, deleted: 1 });
    expect([await rowOf('x'), await itemCount()]).toMatchObject([{ deleted_at: AT }, 1]);
  });

  it('brings a deleted item back when the file has no time of its deletion', async () => {
    await put(item('x', { deletedAt: GONE }));
    await data.interactions.record('default', [interaction('ada', 'x')]);
    expect(await put(item('x'))).toMatchObject({ created: 1, deleted: 0 });
    expect([
      await data.count('late_interactions'),
      await data.count('interactions'),
      await itemCount(),
    ]).toEqual([0, 1, 1]);
  });

  it('takes the last of rows with one id, deleted or not', async () => {
    expect(
      await put(item('x', { deletedAt: GONE }), item('y'), item('x'), item('y', { deletedAt: GONE })),
    ).toEqual({
      created: 1 + others.length,
      updated: 0,
      deleted: 1,
    });
    expect([(await rowOf('x')).deleted_at, (await rowOf('y')).deleted_at, await itemCount()]).toEqual([
      null,
      GONE,
      1,
    ]);
  });

  it('obeys the settings that it brings itself', async () => {
    const settings = { unknownItems: 'refuse' as const, interactionTypes: [], schedules: [] };
    const bring = (userId: string, itemId: string) =>
      data.imports.importAll('default', {
        ...{ settings, items: inOneChunk([item('x'), ...others]) },
        interactions: inOneChunk([interaction(userId, itemId)]),
      });
    await expect(bring('ada', 'unknown')).rejects.toMatchObject({ code: 'unknown-items' });
    expect((await new CatalogsRepository(data.database).load('default')).unknownItems).toBe('create');
    expect(await bring('ada', 'x')).toMatchObject({ stored: 1, items: { created: 1 + others.length } });
    expect((await new CatalogsRepository(data.database).load('default')).unknownItems).toBe('refuse');
  });
});
