import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Interaction, ItemDetails } from '#domain';
import { collect } from '../testing/collect.js';
import { findDataset } from './find-dataset.js';

const NOON = new Date('2001-01-01T12:00:00Z');
const SECONDS = String(NOON.getTime() / 1_000);

const view = (userId: string, itemId: string, occurredAt: Date | null = NOON): Interaction => ({
  userId,
  itemId,
  type: 'interaction',
  weight: 1,
  occurredAt,
});
const film = (itemId: string, details: Partial<ItemDetails>): ItemDetails => ({
  itemId,
  title: null,
  tags: [],
  metadata: {},
  available: true,
  ...details,
});

const OPTIONS = { clockToleranceSeconds: 300 };
const TOMORROW = Math.floor(Date.now() / 1_000) + 86_400;

describe('findDataset', () => {
  let folder: string;
  const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  const readInteractions = (path = folder) => collect(findDataset(path, OPTIONS).interactions());
  const readItems = () => collect(findDataset(folder, OPTIONS).items());

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-dataset-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  describe('RecBole', () => {
    it('reads columns by their names, whatever their order', async () => {
      put(
        'x.inter',
        `timestamp:float\titem_id:token\tuser_id:token\n${SECONDS}\ti1\tu1\n${SECONDS}\ti2\tu1\n`,
      );
      put(
        'x.item',
        'item_id:token\tclass:token_seq\trelease_year:token\tmovie_title:token_seq\ni1\tComedy Drama\t1995\tToy "Story"\ni2\t\t\t\n',
      );
      expect(await readInteractions()).toEqual([view('u1', 'i1'), view('u1', 'i2')]);
      expect(await readItems()).toEqual([
        film('i1', { title: 'Toy "Story"', tags: ['Comedy', 'Drama'], metadata: { year: 1995 } }),
        film('i2', {}),
      ]);
    });

    it('needs neither items nor times', async () => {
      put('x.inter', '\ufeffuser_id:token\titem_id:token\r\nu1\ti1\r\n\r\n');
      expect(await readInteractions()).toEqual([view('u1', 'i1', null)]);
      expect(await readItems()).toEqual([]);
    });

    it.each([
      ['a header without users', 'item_id:token\ni1\n', 1, 'the header has no user_id column'],
      ['a row that is too short', 'user_id:token\titem_id:token\nu1\ti1\nu1\n', 3, 'item_id is missing'],
      ['an empty id', 'user_id:token\titem_id:token\n\ti1\n', 2, 'user_id is missing'],
      [
        'a time that is none',
        'user_id:token\titem_id:token\ttimestamp:float\nu1\ti1\tnoon\n',
        2,
        '"noon" is not a Unix time',
      ],
      [
        'a time in milliseconds',
        `user_id:token\titem_id:token\ttimestamp:float\nu1\ti1\t${SECONDS}000\n`,
        2,
        'is not a Unix time in seconds between the years 1900 and 2200',
      ],
      [
        'an id that is too long',
        `user_id:token\titem_id:token\nu1\t${'i'.repeat(513)}\n`,
        2,
        'item_id must be 1 to 512 characters',
      ],
    ])('names file and line of %s', async (_, text, line, reason) => {
      put('x.inter', text);
      await expectInvalid(readInteractions(), join(folder, 'x.inter'), line, reason);
    });

    it('names file and line of an item with more than it may have', async () => {
      put('x.inter', 'user_id:token\titem_id:token\n');
      put('x.item', `item_id:token\ttitle:token_seq\ni1\tshort\ni2\t${'x'.repeat(1_025)}\n`);
      await expectInvalid(readItems(), join(folder, 'x.item'), 3, 'the title is longer than 1024');
      put('x.item', `item_id:token\tclass:token_seq\ni1\t${'tag '.repeat(65)}\n`);
      await expectInvalid(readItems(), join(folder, 'x.item'), 2, 'more than 64 tags');
    });
  });

  describe('MovieLens', () => {
    it('reads ratings.csv with quoted titles; a low rating is a choice like any other', async () => {
      put('ratings.csv', `userId,movieId,rating,timestamp\n1,10,0.5,${SECONDS}\n2,20,5.0,${SECONDS}\n`);
      put(
        'movies.csv',
        'movieId,title,genres\n10,"American President, The (1995)",Comedy|Drama\n20,"He said ""no""",(no genres listed)\n',
      );
      expect(await readInteractions()).toEqual([view('1', '10'), view('2', '20')]);
      expect(await readItems()).toEqual([
        film('10', {
          title: 'American President, The (1995)',
          tags: ['Comedy', 'Drama'],
          metadata: { year: 1995 },
        }),
        film('20', { title: 'He said "no"' }),
      ]);
    });

    it('reads ratings.dat with titles in Latin-1', async () => {
      put('ratings.dat', `1::10::4::${SECONDS}\n2::20::1::${SECONDS}\n`);
      put(
        'movies.dat',
        Buffer.from('10::Misérables, Les (1995)::Drama\n20::One "Day"::Children\'s\n', 'latin1'),
      );
      expect(await readInteractions()).toEqual([view('1', '10'), view('2', '20')]);
      expect(await readItems()).toEqual([
        film('10', { title: 'Misérables, Les (1995)', tags: ['Drama'], metadata: { year: 1995 } }),
        film('20', { title: 'One "Day"', tags: ["Children's"] }),
      ]);
    });

    it('needs no movies', async () => {
      put('ratings.dat', `1::10::4::${SECONDS}\n`);
      expect(await readItems()).toEqual([]);
    });

    const header = 'userId,movieId,rating,timestamp\n';
    it.each([
      [
        'a header that is missing',
        'ratings.csv',
        `1,10,4,${SECONDS}\n`,
        1,
        'the header must be userId,movieId',
      ],
      ['a row that is too short', 'ratings.csv', `${header}1,10,4,${SECONDS}\n1\n`, 3, 'movieId is missing'],
      ['a time that is missing', 'ratings.csv', `${header}1,10,4\n`, 2, '"" is not a Unix time'],
      ['a quote that is not closed', 'ratings.csv', `${header}1,"10,4,${SECONDS}\n`, 2, 'Quote Not Closed'],
      ['another delimiter', 'ratings.dat', `1::10::4::${SECONDS}\n1,10,4,5\n`, 2, 'movieId is missing'],
      ['a time that is none', 'ratings.dat', '1::10::4::soon\n', 1, '"soon" is not a Unix time'],
      ['a row without end', 'ratings.dat', `1::10::${'4'.repeat(70_000)}`, 1, 'Max Record Size'],
    ])('names file and line of %s', async (_, name, text, line, reason) => {
      put(name, text);
      await expectInvalid(readInteractions(), join(folder, name), line, reason);
    });
  });

  describe('rows of interactions', () => {
    it.each([
      ['rows.csv', `userId,itemId,type,weight,occurredAt\nu1,i1,buy,2,${SECONDS}\nu2,i2,,,\n`, 2, 3],
      [
        'rows.tsv',
        `occurredAt\tuserId\titemId\tweight\ttype\n${SECONDS}\tu1\ti1\t2\tbuy\n\tu2\ti2\t\t\n`,
        2,
        3,
      ],
      [
        'rows.jsonl',
        `{"userId":"u1","itemId":"i1","type":"buy","weight":2,"occurredAt":${SECONDS}}\n{"userId":"u2","itemId":"i2"}\n`,
        1,
        2,
      ],
      [
        'rows.ndjson',
        `{"userId":"u1","itemId":"i1","type":"buy","weight":2,"occurredAt":${SECONDS}}\n\n{"userId":"u2","itemId":"i2"}`,
        1,
        3,
      ],
    ])('reads %s, as a file and as the only one of its folder', async (name, text, first, second) => {
      put(name, text);
      const expected = [
        { ...view('u1', 'i1'), type: 'buy', weight: 2, row: first },
        { ...view('u2', 'i2', null), row: second },
      ];
      expect(await readInteractions()).toEqual(expected);
      expect(await readInteractions(join(folder, name))).toEqual(expected);
      expect(await readItems()).toEqual([]);
    });

    it.each([
      ['rows.csv', 'userId,itemId,price\n', 1, 'unknown column "price"'],
      ['rows.csv', 'userId,itemId\nu1,i1\nu1\n', 3, 'Invalid Record Length'],
      ['rows.tsv', 'userId\titemId\tweight\nu1\ti1\t-1\n', 2, 'weight must be a number above 0'],
      ['rows.jsonl', '{"userId":"u1","itemId":"i1"}\n{"userId":"u1"\n', 2, 'not valid JSON'],
      ['rows.jsonl', '{"userId":"u1"}\n', 1, 'itemId must be 1 to 512 characters'],
    ])('names file and line of a broken row of %s: %j', async (name, text, line, reason) => {
      put(name, text);
      await expectInvalid(readInteractions(), join(folder, name), line, reason);
    });
  });

  describe('train.txt', () => {
    it('reads one user a line as a set, which may name a pair again', async () => {
      put('train.txt', '7 1 2 1\n\n8\n9 3\r\n');
      put('test.txt', '7 5\n');
      const expected = [
        view('7', '1', null),
        view('7', '2', null),
        view('7', '1', null),
        view('9', '3', null),
      ];
      expect(await readInteractions()).toEqual(expected);
      expect(await readInteractions(join(folder, 'train.txt'))).toEqual(expected);
      expect(findDataset(folder, OPTIONS).isSet).toBe(true);
    });

    it.each([
      ['0 1 2\n1 x\n', 2, '"x" is not a whole number from 0'],
      ['0 1\n-1 2\n', 2, '"-1" is not a whole number from 0'],
      ['0 1.5\n', 1, '"1.5" is not a whole number from 0'],
    ])('names file and line of %j', async (text, line, reason) => {
      put('train.txt', text);
      await expectInvalid(readInteractions(), join(folder, 'train.txt'), line, reason);
    });
  });

  it.each([
    ['x.inter', `user_id:token\titem_id:token\ttimestamp:float\nu1\ti1\t${TOMORROW}\n`, 2],
    ['ratings.csv', `userId,movieId,rating,timestamp\n1,10,4,${SECONDS}\n1,11,4,${TOMORROW}\n`, 3],
    ['rows.csv', `userId,itemId,occurredAt\nu1,i1,${TOMORROW}\n`, 2],
    ['rows.jsonl', `{"userId":"u1","itemId":"i1","occurredAt":${TOMORROW}}\n`, 1],
  ])(
    'refuses a time ahead of the clock in %s, names the line and asks for the time zone',
    async (name, text, line) => {
      put(name, text);
      await expectInvalid(readInteractions(), join(folder, name), line, 'is its time zone right?');
      const tolerant = findDataset(folder, { clockToleranceSeconds: 2 * 86_400 });
      expect(await collect(tolerant.interactions())).not.toEqual([]);
    },
  );

  it.each([
    ['x.inter', 'user_id:token\titem_id:token\nu1\ti1\nu', '\ti1\n', 3],
    ['ratings.csv', 'userId,movieId,rating,timestamp\n', `,10,4,${SECONDS}\n`, 2],
    ['rows.csv', 'userId,itemId\nu1,i1\nu', ',i1\n', 3],
    ['rows.tsv', 'userId\titemId\nu', '\ti1\n', 2],
    ['rows.jsonl', '{"userId":"u', '","itemId":"i1"}\n', 1],
  ])('refuses a line of %s that is not UTF-8, and names it', async (name, before, after, line) => {
    put(name, Buffer.concat([Buffer.from(before), Buffer.from([0xe9]), Buffer.from(after)]));
    await expectInvalid(readInteractions(), join(folder, name), line, 'not valid UTF-8');
  });

  it('says what is understood when there is nothing of it, or more than one', () => {
    const understood =
      'Give a folder with train.txt, *.inter (RecBole) or ratings.csv/ratings.dat (MovieLens)';
    expect(() => findDataset(join(folder, 'none'), OPTIONS)).toThrow(`none does not exist. ${understood}`);
    expect(() => findDataset(folder, OPTIONS)).toThrow(`holds no data set that is understood. ${understood}`);
    put('a.csv', '');
    put('b.csv', '');
    expect(() => findDataset(folder, OPTIONS)).toThrow('holds no data set that is understood');
    put('c.parquet', '');
    expect(() => findDataset(join(folder, 'c.parquet'), OPTIONS)).toThrow(
      'c.parquet is of no kind that is understood',
    );
  });
});

async function expectInvalid(
  reading: Promise<unknown>,
  path: string,
  line: number,
  reason: string,
): Promise<void> {
  const error = await reading.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'import-row-invalid', extensions: { row: line } });
  expect(String(error)).toContain(`${path}, line ${line}: `);
  expect(String(error)).toContain(reason);
}
