import { Readable } from 'node:stream';
import type { Interaction, RefusedRows } from '#domain';
import { spool } from '../sources/spool.js';
import { understand } from '../understand.js';

interface Read {
  readonly rows: readonly Interaction[];
  readonly refused: RefusedRows;
}

async function read(text: string | Buffer, skipInvalid = false, ...more: Buffer[]): Promise<Read> {
  const sources = await spool(Readable.from([Buffer.from(text), ...more]), 'the body');
  try {
    const dataset = await understand(sources, { clockToleranceSeconds: 300, skipInvalid });
    const rows: Interaction[] = [];
    for await (const chunk of dataset.interactions()) rows.push(...chunk);
    return { rows, refused: dataset.refused };
  } finally {
    await sources.dispose();
  }
}

const FULL = {
  userId: 'u',
  itemId: 'i',
  type: 'buy',
  weight: 2,
  occurredAt: new Date('2026-01-02T03:04:05Z'),
};
const CSV_TIME = (time: string) => `userId,itemId,occurredAt\nu,i,2020-01-01\nu,i,${time}\n`;

describe('a row of interactions', () => {
  it.each<[string, string, number]>([
    [
      'CSV with columns in any order',
      'itemId,type,userId,occurredAt,weight\ni,buy,u,2026-01-02T03:04:05Z,2\n',
      2,
    ],
    [
      'CSV with a byte order mark, CRLF and quotes',
      '\ufeffuserId,itemId,type,weight,occurredAt\r\n"u",i,"buy",2,1767323045\r\n',
      2,
    ],
    ['TSV with milliseconds', 'userId\titemId\ttype\tweight\toccurredAt\nu\ti\tbuy\t2\t1767323045000', 2],
    [
      'JSON lines',
      '{"userId":"u","itemId":"i","type":"buy","weight":2,"occurredAt":"2026-01-02T03:04:05Z"}\n\n',
      1,
    ],
  ])('is read from %s', async (_, text, row) => {
    expect((await read(text)).rows).toEqual([{ ...FULL, row }]);
  });

  it('without type, weight and time has the usual ones and no time', async () => {
    const expected = { userId: 'u', itemId: 'i', type: 'interaction', weight: 1, occurredAt: null };
    expect((await read('userId,itemId,weight\nu,i,\n')).rows).toEqual([{ ...expected, row: 2 }]);
    expect((await read('{"userId":"u","itemId":"i"}')).rows).toEqual([{ ...expected, row: 1 }]);
  });

  it('that cannot be stored is left out where that is wanted, but not one whose end is not sure', async () => {
    const { rows, refused } = await read('userId,itemId,weight\nu,i,0\nu,i\nu,i,1\n', true);
    expect(rows.map(({ row }) => row)).toEqual([4]);
    expect([refused.count, refused.rows.map(({ row }) => row)]).toEqual([2, [2, 3]]);
    await expect(read('userId,itemId\nu,i\nu,"i\nu,i\n', true)).rejects.toMatchObject({
      code: expect.stringMatching(/^import-/),
      message: expect.stringContaining('line 3'),
    });
  });

  it.each<[string, (time: string) => string, number]>([
    ['csv', CSV_TIME, 3],
    ['tsv', (time) => CSV_TIME(time).replaceAll(',', '\t'), 3],
    ['jsonl', (time) => `{"userId":"u","itemId":"i","occurredAt":"${time}"}\n`, 1],
  ])('ahead of the clock is refused in %s, named, and asked for its time zone', async (_, text, row) => {
    const after = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
    expect((await read(text(after(240)))).rows).not.toEqual([]);
    await expect(read(text(after(3_600)))).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          `line ${row}: .* s ahead of the server's clock.*; is its time zone right\\? Correct it, leave out`,
        ),
      ),
      code: 'import-row-invalid',
      extensions: { row },
    });
  });

  it.each<[string, string, number]>([
    ['a row that is too short', 'userId,itemId\nu,i\nu\n', 3],
    ['an empty id', 'userId,itemId\nu,\n', 2],
    ['a negative weight', 'userId,itemId,weight\nu,i,-1\n', 2],
    ['NaN', 'userId,itemId,weight\nu,i,NaN\n', 2],
    ['a weight that float32 rounds to 0', 'userId,itemId,weight\nu,i,1e-60\n', 2],
    ['a date in year 99999', 'userId,itemId,occurredAt\nu,i,99999-01-01\n', 2],
    [
      'an id of 600 characters',
      `{"userId":"u","itemId":"i"}\n{"userId":"${'x'.repeat(600)}","itemId":"i"}`,
      2,
    ],
    ['an id with NUL', '{"userId":"a\\u0000","itemId":"i"}', 1],
  ])('with %s is refused, and named', async (_, text, row) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'import-row-invalid', extensions: { row } });
  });

  it.each(['userId,type\nu,buy\n', '{"userId"', 'userId,items\nu,i\n'])(
    'cannot be told from %j, which is refused whole',
    async (text) => {
      await expect(read(text)).rejects.toMatchObject({ code: 'import-source-invalid' });
    },
  );

  it('has characters that come in pieces, U+FFFD among them', async () => {
    for (const userId of ['\u00e9\u20ac\u{1f600}', 'a\ufffdb', '\u{10ffff}'])
      for (const text of [`userId,itemId\n${userId},i\n`, `{"userId":"${userId}","itemId":"i"}\n`]) {
        const [first, ...bytes] = Array.from(Buffer.from(text), (byte) => Buffer.from([byte]));
        expect((await read(first!, false, ...bytes)).rows).toMatchObject([{ userId }]);
      }
  });
});
