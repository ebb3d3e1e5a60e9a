import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairsOf, readDataset, type Told } from '../testing/understanding.js';

const SECONDS = 978_350_400;
const TOMORROW = Math.floor(Date.now() / 1_000) + 86_400;

describe('formats', () => {
  let folder: string;
  const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  const read = (told?: Told) => readDataset(folder, told);

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-formats-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads RecBole columns by their names, whatever their order', async () => {
    put('x.inter', `timestamp:float\titem_id:token\tuser_id:token\n${SECONDS}\ti1\tu1\n`);
    put(
      'x.item',
      'item_id:token\tclass:token_seq\trelease_year:token\tmovie_title:token_seq\ni1\tComedy Drama\t1995\tToy "Story"\ni2\t\t\t\n',
    );
    const { interactions, items } = await read();
    expect(interactions).toMatchObject([
      { userId: 'u1', itemId: 'i1', weight: 1, occurredAt: new Date(SECONDS * 1_000), row: 2 },
    ]);
    expect(items).toEqual([
      {
        itemId: 'i1',
        title: 'Toy "Story"',
        tags: ['Comedy', 'Drama'],
        metadata: { year: 1995 },
        available: true,
      },
      { itemId: 'i2', title: null, tags: [], metadata: {}, available: true },
    ]);
  });

  it('reads MovieLens as Kaggle has it, and its tags of users for nothing', async () => {
    put(
      'rating.csv',
      '"userId","movieId","rating","timestamp"\n1,2,3.5,"2005-04-02 23:53:47"\n1,3,2,"2005-04-02 23:53:48"\n',
    );
    put('movie.csv', '"movieId","title","genres"\n2,"Jumanji (1995)","Adventure|Children"\n');
    put('tag.csv', '"userId","movieId","tag","timestamp"\n1,2,"good","2005-04-02 23:53:47"\n');
    put('genome_scores.csv', '"movieId","tagId","relevance"\n2,1,0.5\n');
    const { summary, items, interactions } = await read();
    expect(summary).toMatchObject({ format: 'movielens', likes: 1, lowRatings: 1 });
    expect(interactions[0]!.occurredAt).toEqual(new Date('2005-04-02T23:53:47Z'));
    expect(items).toMatchObject([{ title: 'Jumanji (1995)', tags: ['Adventure', 'Children'] }]);
  });

  it('reads MovieLens 100K among its splits, with genres', async () => {
    put('u.data', `196\t242\t3\t${SECONDS}\n186\t302\t5\t${SECONDS}\n`);
    for (const name of ['u1.base', 'u1.test', 'ua.base']) put(name, `196\t242\t3\t${SECONDS}\n`);
    const flags = Array.from({ length: 19 }, (_, genre) => (genre === 5 || genre === 18 ? 1 : 0));
    put('u.item', Buffer.from(`242|Kolya é (1996)|24-Jan-1997||http://x|${flags.join('|')}\n`, 'latin1'));
    put('u.user', '1|24|M|technician|85711\n');
    put('u.genre', 'unknown|0\nAction|1\n\n');
    put('u.info', '943 users\n1682 items\n');
    put('mku.sh', '#!/bin/sh\n\ntrap `rm -f tmp.$$; exit 1` 1 2 15\n');
    const read_ = await read();
    expect(pairsOf(read_)).toEqual(['196 242', '186 302']);
    expect(read_.items).toMatchObject([{ title: 'Kolya é (1996)', tags: ['Comedy', 'Western'] }]);
    expect(read_.summary.files.find(({ name }) => name.endsWith('u.user'))?.reason).toContain('--users');
  });

  it.each([
    ['splits of MovieLens 100K', ['u1.base', 'u2.base', 'u1.test'], 'u1.base, u1.test, u2.base'],
    ['parts that begin with one row', ['rows-1.csv', 'rows-2.csv'], 'rows-1.csv, rows-2.csv'],
  ])('refuses %s, which have the same rows', async (_, names, named) => {
    for (const name of names) {
      const [header, delimiter] = name.endsWith('csv') ? ['user,item,rating,time\n', ','] : ['', '\t'];
      put(name, `${header}${['1', '2', '3', SECONDS].join(delimiter)}\n`);
    }
    await expect(read()).rejects.toThrow(
      `several files have the same rows, as several splits of one whole do (${named}); give the path of`,
    );
  });

  it.each([
    ['train-00000-of-00002.csv', 'train-00001-of-00002.csv'],
    ['part-00000-4f2c-c000.csv', 'part-00001-4f2c-c000.csv'],
    ['part-00000', 'part-00001'],
  ])('reads %s and %s as parts of one whole', async (one, other) => {
    put(one, `user,item,time\nada,dune,${SECONDS}\n`);
    put(other, `user,item,time\nben,dune,${SECONDS}\n`);
    expect(pairsOf(await read())).toEqual(['ada dune', 'ben dune']);
  });

  it('reads train.txt as a set, which may name a pair again', async () => {
    put('train.txt', '7 1 2 1\n\n8\n9 3\r\n');
    const { summary, interactions } = await read();
    expect(interactions).toHaveLength(4);
    expect(summary).toMatchObject({ interactions: 3, repeats: 1, undatedRepeats: 0 });
  });

  it('takes a list of items of users for one if no line could be a rating', async () => {
    put('graph.txt', '0 1 2 3 4\n1 3 4 5 7 8 9\n');
    expect((await read()).summary).toMatchObject({ format: 'train.txt', interactions: 10 });
  });

  it('finds a field of JSON that comes late', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => `{"user":"u${index}","item":"i"}\n`);
    put(
      'x.jsonl',
      `${rows.join('')}{"user":"u","item":"i","rating":2}\n{"user":"u","item":"j","rating":5}\n`,
    );
    const { summary } = await read({ unrated: 'like' });
    expect(summary).toMatchObject({ likes: 5_001, lowRatings: 1, columns: { rating: 'rating' } });
  });

  it('refuses JSON that is broken by its line, or leaves it out', async () => {
    put('x.jsonl', '{"user":"u","item":"i"}\n{"user":"u"\n{"user":"u","item":9007199254740993}\n');
    await expect(read()).rejects.toThrow('line 2: not valid JSON');
    expect((await read({ skipInvalid: true })).summary.leftOut).toMatchObject([
      { reason: expect.stringContaining('not valid JSON'), rows: 1 },
      { reason: expect.stringContaining('more digits than can be read exactly'), rows: 1 },
    ]);
  });

  const OBJECTS = [
    { user: 'u', item: 'i' },
    { user: 'v', item: 'j' },
  ];
  it.each([
    ['printed with indents', OBJECTS.map((row) => JSON.stringify(row, null, 2)).join('\n'), 'line 1'],
    ['with a comma behind each', OBJECTS.map((row) => `${JSON.stringify(row)},\n`).join(''), 'line 1'],
    ['that end early', '{"user":"u"\n{"user":"v"\n', 'line 1'],
    ['of an array without quotes', '[{user: "u", item: "i"}]', 'row 1'],
  ])('says how to write objects %s', async (_, text, place) => {
    put('x.jsonl', text);
    await expect(read()).rejects.toThrow(
      `x.jsonl, ${place}: not valid JSON; write one object a line, or one array of all objects`,
    );
    expect(await read({ skipInvalid: true }).catch(String)).toContain('not valid JSON');
  });

  it('numbers the rows of a JSON array by their place', async () => {
    put('x.json', '[{"user":"u","item":"i"},{"user":"u"}]');
    await expect(read()).rejects.toThrow('x.json, row 2: item is missing');
  });

  it.each([
    [
      'x.inter',
      `user_id:token\titem_id:token\ttimestamp:float\nu1\ti1\t${SECONDS}\nu1\ti1\t${TOMORROW}\n`,
      3,
    ],
    ['rows.csv', `userId,itemId,occurredAt\nu1,i1,${new Date(TOMORROW * 1_000).toISOString()}\n`, 2],
  ])('refuses a time ahead of the clock in %s, and names the line', async (name, text, line) => {
    put(name, text);
    await expect(read()).rejects.toThrow(new RegExp(`line ${line}: `));
    expect((await read({ clockToleranceSeconds: 2 * 86_400 })).interactions).not.toEqual([]);
  });

  it('warns of users who are nobody, and of UTF-8 that is broken', async () => {
    put(
      'x.csv',
      Buffer.concat([Buffer.from('user,item\nNA,caf\u00e9\nna,y\nu,'), Buffer.from([0xe9, 0x0a])]),
    );
    expect((await read()).summary).toMatchObject({
      encoding: 'latin1',
      warnings: [
        'a user such as NA or null is named 2 times, and all rows of one such name count as one user',
        '1 rows have ids such as Ã©, so the text may be UTF-8 with some broken bytes, and not latin1',
      ],
    });
  });

  it.each([['[]'], ['{}'], ['[{}]']])('refuses %s, since there is nothing to learn from', async (text) => {
    put('x.json', text);
    await expect(readDataset(join(folder, 'x.json'))).rejects.toThrow('there is nothing to learn from');
  });

  it('refuses objects as Python prints them', async () => {
    put('x.json', "{'user': 'ada', 'item': 'dune'}\n{'user': 'ben', 'item': 'dune'}\n");
    await expect(read()).rejects.toThrow('it has objects as Python prints them; write them as JSON');
  });

  it('refuses UTF-16 without a byte order mark, with the encoding that reads it', async () => {
    put('x.jsonl', Buffer.from('{"user":"ada","item":"dune"}\n', 'utf16le'));
    await expect(read()).rejects.toThrow(
      'every other byte of it is NUL, as in UTF-16; say --encoding utf-16le',
    );
    expect(pairsOf(await read({ encoding: 'utf-16le' }))).toEqual(['ada dune']);
  });

  it('refuses a million columns', async () => {
    put('x.csv', `${Array.from({ length: 20_000 }, (_, index) => `c${index}`).join(',')}\n1\n`);
    await expect(read()).rejects.toThrow('it has 20000 columns, and 10000 are the most');
  });

  it('says why no file of a folder is understood', async () => {
    put('a.csv', '');
    put('b.csv', 'x,y\n1,2\n');
    await expect(read()).rejects.toThrow(/b\.csv: its first row, x,y, has no known column name/);
  });
});
