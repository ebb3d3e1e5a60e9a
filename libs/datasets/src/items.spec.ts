import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ItemDetails } from '#domain';
import { openSources } from './sources/open-sources.js';
import { understandItems, type ItemsOptions } from './understand-items.js';

describe('understandItems', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-items-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function read(text: string, options: ItemsOptions = {}) {
    writeFileSync(join(folder, 'items'), text);
    const sources = await openSources(join(folder, 'items'));
    try {
      const { items, ...understood } = await understandItems(sources.sources[0]!, options);
      const all: ItemDetails[] = [];
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

  it('refuses what has no column of an item', async () => {
    await expect(read('what,title\na,A\n')).rejects.toThrow('its header must name the item');
  });
});
