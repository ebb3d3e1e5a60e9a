import { ItemSearchRepository, ItemsRepository } from '#data';
import { ITEM, TestData } from './testing/test-data.js';

const TITLES: readonly (readonly [id: string, title: string | null])[] = [
  ['film-1', 'Film of a life'],
  ['film-2', 'The film'],
  ['FILM-3', 'film noir'],
  ['x-1', 'FILMS'],
  ['x-2', 'fi'],
  ['x-3', null],
  ['film_4', null],
  ['film%5', 'Fil%m'],
  ['y', `film ${'y'.repeat(1_019)}`],
  ['y-2', `FILM ${'y'.repeat(1_018)}z`],
  ['gone', 'film that is gone'],
  ['film-gone', null],
];
const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

describe('a search of items in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const search = () => new ItemSearchRepository(data.database);

  beforeAll(async () => {
    const items = new ItemsRepository(data.database);
    await items.putMany(
      'default',
      TITLES.map(([itemId, title]) => ({ ...ITEM, itemId, title })),
    );
    for (const id of ['gone', 'film-gone']) await items.delete('default', id);
    await data.server.query("INSERT INTO catalogs (id) VALUES ('other')");
    await items.put('other', { ...ITEM, itemId: 'film-other' });
  });

  const allOf = async (text: string, limit: number, most = 100) => {
    const found: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < most; page++) {
      const { items, nextPosition } = await search().findPage('default', text, after, limit);
      expect(items.length).toBeLessThanOrEqual(limit);
      found.push(...items.map(({ itemId }) => itemId));
      if (nextPosition === null) return found;
      after = nextPosition;
    }
    throw new Error(`There are more than ${most} pages`);
  };
  /** Ids first, then titles. */
  const expected = (text: string) => {
    const there = TITLES.filter(([id]) => !id.includes('gone'));
    const byId = there.filter(([id]) => id.startsWith(text)).map(([id]) => id);
    const byTitle = there
      .filter(([id, title]) => title?.toLowerCase().startsWith(text.toLowerCase()) && !byId.includes(id))
      .map(([id, title]) => [id, title!.toLowerCase().slice(0, 100)] as const)
      .sort(([, one], [, other]) => byBytes(one, other));
    return [...byId.sort(byBytes), ...byTitle.map(([id]) => id)];
  };

  it.each([1, 2, 3, 100])('finds ids to the letter, then titles in any case, %d a page', async (limit) => {
    for (const text of ['film', 'FILM', 'f', 'F', 'x', 'fil%', 'film_', '%', 'the', 'nothing', 'film y'])
      expect([text, await allOf(text, limit)]).toEqual([text, expected(text)]);
  });

  it('finds titles by more than the index has of them', async () => {
    expect(await allOf(`film ${'y'.repeat(507)}`, 10)).toEqual(['y', 'y-2']);
    expect(await allOf(`film ${'y'.repeat(507)}z`, 10)).toEqual([]);
  });

  it('answers the whole item', async () => {
    const item = await new ItemsRepository(data.database).load('default', 'film-1');
    expect((await search().findPage('default', 'film-1', null, 10)).items).toEqual([item]);
    expect((await search().findPage('default', 'FILM OF', null, 10)).items).toEqual([item]);
  });

  it('looks at a bounded number of titles for a page, however many its ids have found', async () => {
    await data.server.query(
      `INSERT INTO items (catalog_id, item_key, external_id, title, tags)
         SELECT 'default', 1000 + n, 'same-' || n, 'same ' || n, '{}' FROM generate_series(0, 2499) n;
       INSERT INTO items (catalog_id, item_key, external_id, title, tags)
         VALUES ('default', 9000, 'other', 'SAME at the end', '{}')`,
    );
    const found = await allOf('same', 500);
    expect(found).toHaveLength(2_501);
    expect(new Set(found).size).toBe(found.length);
    const titles: number[] = [];
    let after: string | null = 't-1:';
    do {
      const page = await search().findPage('default', 'same', after, 10);
      titles.push(page.items.length);
      after = page.nextPosition;
    } while (after !== null);
    expect(titles).toEqual([0, 0, 1]);
  });
});
