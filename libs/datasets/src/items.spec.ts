import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportedItem } from '#domain';
import { openSources } from './sources/open-sources.js';
import { understandItems, type ItemsOptions } from './understand-items.js';

describe('understandItems', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-items-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function read(text: string, options: Partial<ItemsOptions> = {}) {
    writeFileSync(join(folder, 'items'), text);
    const sources = await openSources(join(folder, 'items'));
    try {
      const { items, ...understood } = await understandItems(sources.sources[0]!, {
        clockToleranceSeconds: 300,
        ...options,
      });
      const all: ImportedItem[] = [];
      for await (const chunk of items()) all.push(...chunk);
      return { ...understood, all };
    } finally {
      await sources.dispose();
    }
  }

  it('takes id, title, tags and availability by their names, and all else as metadata', async () => {
    const csv = 'id,name,genre,available,price,brand,metadata.size\na,A,x|y,false,2.5,B,7\nb,,,,,,\n';
    expect(await read(csv)).toEqual({
      format: 'csv',
      encoding: 'utf-8',
      count: 2,
      titles: 1,
      deleted: 0,
      leftOut: [],
      cutItems: [],
      all: [
        {
          itemId: 'a',
          title: 'A',
          tags: ['x', 'y'],
          metadata: { size: 7, price: 2.5, brand: 'B' },
          available: false,
        },
        { itemId: 'b', title: null, tags: [], metadata: {}, available: true },
      ],
    });
  });

  it('leaves columns out that are to be ignored', async () => {
    const { all } = await read('id,name,price,brand\na,A,2.5,B\n', { ignoreColumns: ['name', 'Price'] });
    expect(all).toMatchObject([{ itemId: 'a', title: null, metadata: { brand: 'B' } }]);
  });

  it('keeps a member of any name, whatever JavaScript has under it', async () => {
    const named = async (text: string) => Object.entries((await read(text)).all[0]!.metadata);
    expect(await named('id,__proto__,constructor\na,1,2\n')).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
    expect(await named('{"id":"a","metadata":{"__proto__":{"x":1}}}\n')).toEqual([['__proto__', { x: 1 }]]);
  });

  it('keeps lists and objects of JSON', async () => {
    const { all } = await read('{"itemId":1,"tags":["x","x","y"],"size":{"cm":[1,2]}}\n');
    expect(all).toMatchObject([{ itemId: '1', tags: ['x', 'y'], metadata: { size: { cm: [1, 2] } } }]);
  });

  it('leaves metadata away that is too large, and counts and names it', async () => {
    const { all, cutItems } = await read(`id,text\na,${'x'.repeat(20_000)}\n`);
    expect(all).toMatchObject([{ itemId: 'a', metadata: {} }]);
    expect(cutItems).toEqual([
      { reason: 'metadata of more than 16384 bytes is left away', rows: 1, firstLines: [2] },
    ]);
  });

  it.each(['metadata":{"lists":LISTS}', 'price":LISTS', 'title":LISTS'])(
    'names the line of a value that is nested too deep: %s',
    async (field) => {
      const lists = '['.repeat(6_000) + ']'.repeat(6_000);
      const line = `{"itemId":"b","${field.replace('LISTS', lists)}}\n`;
      await expect(read(`{"itemId":"a"}\n${line}`)).rejects.toThrow('line 2: more than 64');
    },
  );

  it('names the line of an item that cannot be stored, or leaves it out', async () => {
    const csv = 'id,available\na,true\n,true\nc,perhaps\n';
    await expect(read(csv)).rejects.toThrow('line 3: id is missing');
    expect(await read(csv, { skipInvalid: true })).toMatchObject({
      count: 1,
      leftOut: [
        { rows: 1, firstLines: [3] },
        { reason: 'available must be true or false', rows: 1, firstLines: [4] },
      ],
    });
  });

  it('reads when items were created and deleted, in any format of times', async () => {
    const csv = 'id,dateAdded,deletedAt,price\na,2024-05-01,,1\nb,,2024-05-02T10:00:00+02:00,2\n';
    const { all, deleted } = await read(csv);
    expect(all).toMatchObject([
      { itemId: 'a', createdAt: new Date('2024-05-01'), metadata: { price: 1 } },
      { itemId: 'b', deletedAt: new Date('2024-05-02T08:00:00Z'), metadata: { price: 2 } },
    ]);
    expect([all[0]?.deletedAt, all[1]?.createdAt, deleted]).toEqual([undefined, undefined, 1]);
    const days = await read('id,created\na,01.05.2024\n', { timeFormat: 'dd.MM.yyyy' });
    expect(days.all).toMatchObject([{ createdAt: new Date('2024-05-01') }]);
    const seconds = await read('{"id":"a","createdAt":1714521600}\n');
    expect(seconds.all).toMatchObject([{ createdAt: new Date('2024-05-01') }]);
  });

  it('reads ISO 8601 as such, whatever the format of other times is', async () => {
    const { all } = await read('id,createdAt\na,2024-05-01\n', { timeFormat: 'dd/MM/yyyy' });
    expect(all).toMatchObject([{ createdAt: new Date('2024-05-01') }]);
  });

  it('refuses times that are not understood or ahead of the clock, by their line', async () => {
    await expect(read('id,createdAt\na,05/02/2024\n')).rejects.toThrow(
      'line 2: createdAt is "05/02/2024", whose format is not sure; say --time-format "dd/MM/yyyy"',
    );
    const now = new Date('2024-05-01T00:00:00Z');
    const ahead = 'id,createdAt\na,2024-05-01T00:05:00Z\nb,2024-05-01T00:05:01Z\n';
    await expect(read(ahead, { now })).rejects.toThrow(
      'line 3: createdAt is "2024-05-01T00:05:01Z", which is 301 s ahead of the server\'s clock',
    );
  });

  it('reads a list of JSON in a cell as tags, and an object in the column metadata as metadata', async () => {
    const csv =
      'id,tags,metadata.size,metadata\na,"[""x,y"",""(z)""]",7,"{""code"":""1"",""none"":null}"\nb,x|y,,\n';
    expect((await read(csv)).all).toMatchObject([
      { itemId: 'a', tags: ['x,y', '(z)'], metadata: { size: 7, code: '1', none: null } },
      { itemId: 'b', tags: ['x', 'y'], metadata: {} },
    ]);
    const { all } = await read('{"id":"a","metadata":{"size":{"cm":1}}}\n');
    expect(all).toMatchObject([{ metadata: { size: { cm: 1 } } }]);
  });

  it('keeps blanks around an id or a title that quotes enclose', async () => {
    const { all } = await read('id,title\n" a\n"," A "\n b , B \n');
    expect(all).toMatchObject([
      { itemId: ' a\n', title: ' A ' },
      { itemId: 'b', title: 'B' },
    ]);
  });

  it('refuses what has no column of an item', async () => {
    await expect(read('what,title\na,A\n')).rejects.toThrow('its header must name the item');
  });
});
