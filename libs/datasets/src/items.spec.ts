import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportedItem } from '#domain';
import { parseItemColumns } from './columns/columns-option.js';
import { openSources } from './sources/open-sources.js';
import { describeItems } from './summary/describe-attributes.js';
import { EXACT_KEYS } from './summary/key-counts.js';
import { understandItems, type ItemsOptions } from './understand-items.js';

const NONE = { title: null, tags: [], metadata: {}, available: true, createdAt: null, deletedAt: null };
const DAY = '2024-05-01T00:00:00.000Z';

describe('understandItems', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-items-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function read(text: string, options: Partial<ItemsOptions> = {}) {
    writeFileSync(join(folder, 'items'), text);
    const sources = await openSources(join(folder, 'items'));
    try {
      const { items, summary, query } = await understandItems(sources.sources[0]!, {
        clockToleranceSeconds: 300,
        ...options,
      });
      const all: ImportedItem[] = [];
      for await (const chunk of items()) all.push(...chunk);
      return { summary, query, all };
    } finally {
      await sources.dispose();
    }
  }

  it('takes id, title, tags and availability by their names, and all else as metadata', async () => {
    const csv = 'id,name,genre,available,price,brand,metadata.size\na,A,x|y,false,2.5,B,7\nb,,,,,,\n';
    expect((await read(csv)).all).toEqual([
      {
        itemId: 'a',
        title: 'A',
        tags: ['x', 'y'],
        metadata: { size: 7, price: 2.5, brand: 'B' },
        available: false,
      },
      { itemId: 'b', title: null, tags: [], metadata: {}, available: true },
    ]);
  });

  it('says what it understood, and the command that says the same explicitly', async () => {
    const csv =
      'id;name;genre;available;created;price\n a;A;x|y;false;2024-05-01;2.5\nb;;;;2024-05-03;\na;Z;;;;\n';
    const path = join(folder, 'items');
    const { summary, query } = await read(csv, { ignoreColumns: ['price'], skipInvalid: true });
    expect(summary).toEqual({
      name: path,
      format: 'csv',
      delimiter: ';',
      encoding: 'utf-8',
      header: true,
      packing: null,
      columns: {
        id: 'id',
        title: 'name',
        tags: 'genre',
        year: null,
        available: 'available',
        createdAt: 'created',
        deletedAt: null,
      },
      metadataColumns: [],
      ignoredColumns: ['price'],
      timeFormats: { createdAt: 'ISO 8601', deletedAt: null },
      firstDate: DAY,
      lastDate: '2024-05-03T00:00:00.000Z',
      items: 2,
      titles: 2,
      tagged: 1,
      dated: 2,
      unavailable: 1,
      deleted: 0,
      repeats: 1,
      estimated: [],
      exactUpTo: EXACT_KEYS,
      leftOut: [],
      cutItems: [],
      trimmedIds: 1,
      warnings: [],
      sample: [
        { ...NONE, itemId: 'a', title: 'A', tags: ['x', 'y'], available: false, createdAt: DAY },
        { ...NONE, itemId: 'b', createdAt: '2024-05-03T00:00:00.000Z' },
        { ...NONE, itemId: 'a', title: 'Z' },
      ],
      command: `sparserec import --items ${path} --encoding utf-8 --delimiter ';' --header --item-columns id=id,title=name,tags=genre,available=available,createdAt=created --ignore-columns price --time-format iso --skip-invalid`,
    });
    expect(Object.fromEntries(new URLSearchParams(query))).toMatchObject({
      columns: 'id=id,title=name,tags=genre,available=available,createdAt=created',
      onInvalid: 'skip',
    });
  });

  it('says it for people, too', async () => {
    const { summary } = await read(
      'id,name,tags,price,created,available\na,A,x|y,2.5,24-05-01,\na,"B ""b""",,,24-05-02,false\n,C,,,,\n',
      { timeFormat: 'yy-MM-dd', skipInvalid: true, now: new Date('2024-06-01T00:00:00Z') },
    );
    expect(describeItems(summary).split('\n')).toEqual([
      `Items from ${join(folder, 'items')}: csv, cells apart by ",", with a header, utf-8`,
      '  Columns: id=id, title=name, tags=tags, available=available, createdAt=created',
      '  Metadata: price',
      '  Times: createdAt yy-MM-dd',
      '  1 item, 2 with a title, 1 with tags, 2 with a date, 1 unavailable',
      '  Created: 2024-05-01T00:00:00.000Z to 2024-05-02T00:00:00.000Z',
      '  1 row with an id that came before: the last counts',
      '  Left out: 1 row: id is missing (line 4)',
      '  Note: years of two digits are read as 1925 to 2024',
      '  The first rows, as they are stored:',
      '    item "a", "A", tags ["x","y"], {"price":2.5}, created 2024-05-01T00:00:00.000Z',
      '    item "a", "B \\"b\\"", unavailable, created 2024-05-02T00:00:00.000Z',
      'The same, said explicitly:',
      `  ${summary.command}`,
      '',
    ]);
  });

  it('takes the columns that it is told, and all else as metadata', async () => {
    const csv = 'id,sku,name,label\n1,a,A,one\n';
    const told = await read(csv, { columns: parseItemColumns('id=sku,title=label') });
    expect(told.all).toMatchObject([{ itemId: 'a', title: 'one', metadata: { id: 1, name: 'A' } }]);
    expect(told.summary).toMatchObject({
      columns: { id: 'sku', title: 'label', tags: null },
      metadataColumns: ['id', 'name'],
    });
    const numbered = await read(csv, { columns: parseItemColumns('title=3'), header: true });
    expect(numbered.all).toMatchObject([{ itemId: 'a', title: 'A', metadata: { id: 1, label: 'one' } }]);
    const bare = await read('7,Seven\n8,Eight\n', { columns: parseItemColumns('id=1,title=2') });
    expect(bare.all).toMatchObject([
      { itemId: '7', title: 'Seven' },
      { itemId: '8', title: 'Eight' },
    ]);
    expect(bare.summary).toMatchObject({
      header: false,
      columns: { id: 1, title: 2 },
      warnings: ['there is no header, so the first row is data'],
    });
  });

  it.each([
    [
      'sku,name\na,A\n',
      'id=sku,title=what',
      'it has no column "what"; it has sku, name, so correct --item-columns',
    ],
    ['code,name\na,A\n', 'tags=name', 'it is no table of items'],
  ])('refuses of %j columns %j that do not fit', async (csv, columns, reason) => {
    await expect(read(csv, { columns: parseItemColumns(columns) })).rejects.toThrow(reason);
  });

  it('says how to name the id where it is not known', async () => {
    await expect(read('code,title\na,A\n', { header: true })).rejects.toThrow(
      'its header must name the item, for example itemId or id; it has code, title, so say which is the item by --item-columns id=NAME',
    );
    await expect(read('7,A\n8,B\n')).rejects.toThrow(
      'if its first row, 7,A, is a header, say which is the item by --item-columns id=NAME, and if it is data, by --item-columns id=1',
    );
  });

  it('keeps the columns of MovieLens without a header, and lets one be another', async () => {
    const movies = '1::Film (1996)::Drama|War\n2::Other (1997)::Drama\n';
    const { summary } = await read(movies);
    expect(summary).toMatchObject({ format: 'movielens', columns: { id: 1, title: 2, tags: 3 }, tagged: 2 });
    expect(summary.command).toContain('--delimiter :: --no-header --item-columns id=1,title=2,tags=3');
    expect((await read(movies, { ignoreColumns: ['3'] })).summary).toMatchObject({ tagged: 0 });
    expect((await read(movies, { columns: parseItemColumns('title=3') })).all[0]).toMatchObject({
      itemId: '1',
      title: 'Drama|War',
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
    const { all, summary } = await read(`id,text\na,${'x'.repeat(20_000)}\n`);
    expect(all).toMatchObject([{ itemId: 'a', metadata: {} }]);
    expect(summary.cutItems).toEqual([
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
    expect((await read(csv, { skipInvalid: true })).summary).toMatchObject({
      items: 1,
      leftOut: [
        { rows: 1, firstLines: [3] },
        { reason: 'available must be true or false', rows: 1, firstLines: [4] },
      ],
    });
  });

  it('reads when items were created and deleted, in any format of times', async () => {
    const csv = 'id,dateAdded,deletedAt,price\na,2024-05-01,,1\nb,,2024-05-02T10:00:00+02:00,2\n';
    const { all, summary } = await read(csv);
    expect(all).toMatchObject([
      { itemId: 'a', createdAt: new Date('2024-05-01'), metadata: { price: 1 } },
      { itemId: 'b', deletedAt: new Date('2024-05-02T08:00:00Z'), metadata: { price: 2 } },
    ]);
    expect([all[0]?.deletedAt, all[1]?.createdAt, summary.deleted]).toEqual([undefined, undefined, 1]);
    expect(summary.timeFormats).toEqual({ createdAt: 'ISO 8601', deletedAt: 'ISO 8601' });
    expect(summary.sample[1]).toEqual({ ...NONE, itemId: 'b', deletedAt: '2024-05-02T08:00:00.000Z' });
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
