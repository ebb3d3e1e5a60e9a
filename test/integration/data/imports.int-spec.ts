import {
  CatalogsRepository,
  InteractionsRepository,
  InteractionTypesRepository,
  ItemsRepository,
  type ImportedData,
} from '#data';
import type { ItemDetails } from '#domain';
import { interaction as row, TestData } from './testing/test-data.js';

const PLAIN = { title: null, tags: [], metadata: {}, available: true };
const TABLES = ['catalogs', 'items', 'users', 'interaction_types', 'interactions', 'late_interactions'];

const item = (itemId: string, fields: Partial<ItemDetails> = {}): ItemDetails => ({
  ...{ itemId, ...PLAIN },
  ...fields,
});

async function* chunks<Row>(...all: readonly Row[][]): AsyncGenerator<readonly Row[]> {
  yield* all;
  await Promise.resolve();
}

async function* broken<Row>(...all: readonly Row[][]): AsyncGenerator<readonly Row[]> {
  yield* chunks(...all);
  throw new Error('The source is broken');
}

describe('an import', () => {
  const data = TestData.ofEachTest();

  const contents = async () => {
    const rowsOf: Record<string, unknown[]> = {};
    for (const table of TABLES)
      rowsOf[table] = (await data.server.query(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)).rows;
    return rowsOf;
  };
  const everything = (): ImportedData => ({
    items: chunks([item('x', { title: 'X', tags: ['red'] })], [item('y'), item('x', { title: 'X again' })]),
    interactions: chunks([row('ada', 'x'), row('ada', 'x')], [], [row('ben', 'z', { type: 'low-rating' })]),
    interactionTypes: [
      { name: 'low-rating', positive: false },
      { name: 'buy', trainingWeight: 5 },
    ],
  });

  it('stores the catalog, items, interaction types and interactions', async () => {
    const { changedUsers, ...stored } = await data.imports.importAll('shop', everything(), {
      createsCatalog: true,
    });
    expect(changedUsers).toEqual([
      { userId: 'ada', userKey: 0, revision: 1 },
      { userId: 'ben', userKey: 1, revision: 1 },
    ]);
    expect(stored).toEqual({
      stored: 2,
      duplicates: 1,
      merged: 0,
      items: { created: 2, updated: 0, deleted: 0 },
      users: { created: 0, updated: 0 },
    });
    expect((await new CatalogsRepository(data.database).load('shop')).itemCount).toBe(3);
    expect(await new ItemsRepository(data.database).load('shop', 'x')).toMatchObject({
      title: 'X again',
      tags: [],
    });
    const { items: types } = await new InteractionTypesRepository(data.database).findPage('shop', null, 10);
    expect(types.map(({ name, positive, trainingWeight }) => [name, positive, trainingWeight])).toEqual([
      ['buy', true, 5],
      ['low-rating', false, 1],
      ['view', true, 1],
    ]);
    const histories = await new InteractionsRepository(data.database).loadHistories('shop', ['ada', 'ben']);
    expect([...histories.values()].map(({ values }) => [...values])).toEqual([[1], [0]]);
  });

  it('stores nothing more when it comes again', async () => {
    await data.imports.importAll('shop', everything(), { createsCatalog: true });
    const { interactions, users } = await contents();
    const again = await data.imports.importAll('shop', everything(), { createsCatalog: true });
    expect(again).toEqual({
      ...{ stored: 0, duplicates: 3, merged: 0, changedUsers: [] },
      items: { created: 0, updated: 2, deleted: 0 },
      users: { created: 0, updated: 0 },
    });
    expect(await contents()).toMatchObject({ interactions, users });
  });

  it('weighs types anew, and gives up what is cached of the catalog then', async () => {
    await data.imports.importAll('shop', everything(), { createsCatalog: true });
    const epoch = async () => (await new CatalogsRepository(data.database).load('shop')).cacheEpoch;
    const before = await epoch();
    await data.imports.importAll('shop', { interactionTypes: [{ name: 'buy', trainingWeight: 5 }] });
    expect(await epoch()).toBe(before);
    await data.imports.importAll('shop', { interactionTypes: [{ name: 'buy', trainingWeight: 7 }] });
    expect(await epoch()).toBe(before + 1);
  });

  describe('that is refused leaves nothing,', () => {
    const refusals: readonly [string, () => ImportedData, string | RegExp][] = [
      ['when its interactions break off', () => ({ interactions: broken([row('ada', 'x')]) }), /is broken/],
      ['when its items break off', () => ({ items: broken([item('x')]) }), /is broken/],
      [
        'when a type has the other sign',
        () => ({ interactionTypes: [{ name: 'view' }, { name: 'buy', positive: false }] }),
        'interaction-type-conflict',
      ],
      [
        'when it needs too many types',
        () => ({ interactionTypes: Array.from({ length: 65 }, (_, n) => ({ name: `t${n}` })) }),
        'too-many-interaction-types',
      ],
      [
        'when the types of its rows are too many',
        () => ({
          interactions: chunks(Array.from({ length: 65 }, (_, n) => row('ada', 'x', { type: `t${n}` }))),
        }),
        'too-many-interaction-types',
      ],
      [
        'when it names unknown items',
        () => ({ interactions: chunks([row('ada', 'nothing')]) }),
        'unknown-items',
      ],
    ];

    it.each(refusals)('%s, in a catalog that exists', async (_when, makeRefused, reason) => {
      await new CatalogsRepository(data.database).create('shop', { unknownItems: 'refuse' });
      await new InteractionTypesRepository(data.database).put('shop', {
        ...{ name: 'buy', trainingWeight: 1, halfLifeDays: null, positive: true },
        ...{ excludesSeen: true, repeatAfterDays: null, repeats: 'max' },
      });
      const before = await contents();
      const refused = data.imports.importAll('shop', { ...everything(), ...makeRefused() });
      await expect(refused).rejects.toMatchObject(
        typeof reason === 'string' ? { code: reason } : { message: expect.stringMatching(reason) },
      );
      expect(await contents()).toEqual(before);
    });

    it.each(
      refusals.filter(([, , reason]) => reason !== 'unknown-items' && reason !== 'interaction-type-conflict'),
    )('%s, and no catalog', async (_when, makeRefused) => {
      const before = await contents();
      const refused = data.imports.importAll(
        'new',
        { ...everything(), ...makeRefused() },
        { createsCatalog: true },
      );
      await expect(refused).rejects.toThrow();
      expect(await contents()).toEqual(before);
    });

    it.each(['No Name', '', 'a/b', '-a', 'x'.repeat(64)])(
      'when the catalog would be called "%s"',
      async (name) => {
        const before = await contents();
        const refused = data.imports.importAll(name, everything(), { createsCatalog: true });
        await expect(refused).rejects.toMatchObject({
          code: 'validation-failed',
          message:
            'The name of a catalog must be 1 to 63 of a-z, 0-9, _ and -, and start with a letter or digit',
        });
        await expect(new CatalogsRepository(data.database).create(name)).rejects.toMatchObject({
          code: 'validation-failed',
        });
        expect(await contents()).toEqual(before);
      },
    );

    it('when there is no such catalog', async () => {
      await expect(data.imports.importAll('nope', everything())).rejects.toMatchObject({
        code: 'catalog-not-found',
      });
    });

    it('when the catalog is being deleted', async () => {
      await new CatalogsRepository(data.database).create('shop');
      await data.server.query(`UPDATE catalogs SET deleted_at = now() WHERE id = 'shop'`);
      const refused = data.imports.importAll('shop', everything(), { createsCatalog: true });
      await expect(refused).rejects.toMatchObject({ code: 'catalog-being-deleted' });
    });
  });
});
