import type { ItemPropertiesRepository } from '#data';
import { DomainError, type ItemColumnRow } from '#domain';
import type { ServingCatalog } from '../catalog.js';
import { ItemColumns } from './item-columns.js';

/** More than two pages of items that changed at once. */
const NUM_ITEMS = 12_345;

/** Answers pages of one column, in the order of changes, and can fail. */
class Rows {
  rows: ItemColumnRow[] = [];
  pages = 0;
  /** Most pages that were read at the same time. */
  width = 0;
  #reading = 0;
  failAfter = Infinity;

  constructor(value: string) {
    this.change(value, 1);
  }

  change(value: string, revision: number): void {
    this.rows = Array.from({ length: NUM_ITEMS }, (_, itemKey) => ({ itemKey, revision, value: [value] }));
  }

  async findColumnPage(
    _id: string,
    _name: string,
    after: { revision: number; itemKey: number },
    limit: number,
  ): Promise<ItemColumnRow[]> {
    this.width = Math.max(this.width, ++this.#reading);
    await Promise.resolve();
    this.#reading--;
    if (++this.pages > this.failAfter) throw new DomainError('database-unavailable', 'gone');
    const isAfter = ({ revision, itemKey }: ItemColumnRow) =>
      revision > after.revision || (revision === after.revision && itemKey > after.itemKey);
    return this.rows.filter(isAfter).slice(0, limit);
  }
}

const catalogAt = (revision: number) =>
  ({ id: 'c', items: { revision }, active: null }) as unknown as ServingCatalog;

describe('ItemColumns', () => {
  const build = (rows: Rows) => new ItemColumns(rows as unknown as ItemPropertiesRepository);
  const count = async (columns: ItemColumns, revision: number, tag: string) => {
    const column = await columns.get(catalogAt(revision), 'tags');
    const isMeant = column.bitmap(tag, (value) => Array.isArray(value) && value.includes(tag));
    return Array.from({ length: NUM_ITEMS }, (_, key) => isMeant.has(key)).filter(Boolean).length;
  };

  it('read all pages, once for calls at the same time', async () => {
    const rows = new Rows('old');
    const columns = build(rows);
    const counts = await Promise.all([
      count(columns, 1, 'old'),
      count(columns, 1, 'old'),
      count(columns, 1, 'new'),
    ]);
    expect(counts).toEqual([NUM_ITEMS, NUM_ITEMS, 0]);
    expect(rows.pages).toBe(3);
  });

  it('are read one by one the first time, and a failure does not hold up the next', async () => {
    const rows = new Rows('old');
    const columns = build(rows);
    rows.failAfter = 0;
    const failed = columns.get(catalogAt(1), 'metadata.a').catch(() => 'failed');
    const names = ['b', 'c', 'd'].map((name) => `metadata.${name}` as const);
    await Promise.resolve();
    expect(await failed).toBe('failed');
    rows.failAfter = Infinity;
    await Promise.all(names.map((name) => columns.get(catalogAt(1), name)));
    expect([rows.pages, rows.width]).toEqual([10, 1]);
  });

  it('never answer a part of a change, however many pages it has and whenever they are asked', async () => {
    const rows = new Rows('old');
    const columns = build(rows);
    await count(columns, 1, 'new');
    rows.change('new', 2);
    const first = count(columns, 2, 'new');
    await Promise.resolve();
    const second = count(columns, 2, 'new');
    await Promise.resolve();
    await Promise.resolve();
    expect(await Promise.all([first, second, count(columns, 2, 'new')])).toEqual(Array(3).fill(NUM_ITEMS));
  });

  it('go on where they were when the database failed between pages', async () => {
    const rows = new Rows('old');
    const columns = build(rows);
    await count(columns, 1, 'old');
    rows.change('new', 2);
    rows.failAfter = rows.pages + 1;
    await expect(count(columns, 2, 'new')).rejects.toMatchObject({ code: 'database-unavailable' });
    rows.failAfter = Infinity;
    expect(await count(columns, 2, 'new')).toBe(NUM_ITEMS);
    expect(await count(columns, 2, 'old')).toBe(0);
  });
});
