import { Readable } from 'node:stream';
import type { Interaction, RefusedRow } from '#domain';
import { parseInteractionRows, type RowFormat } from './interaction-rows.js';

const NOW = new Date('2026-05-05T05:05:05Z');

async function read(format: RowFormat, ...chunks: (string | Buffer)[]): Promise<Interaction[]> {
  const rows: Interaction[] = [];
  const options = { format, now: NOW, clockToleranceSeconds: 300 };
  const bytes = chunks.map((chunk) => Buffer.from(chunk as string));
  for await (const row of parseInteractionRows(Readable.from(bytes), options)) rows.push(row);
  return rows;
}

const FULL = {
  userId: 'u',
  itemId: 'i',
  type: 'buy',
  weight: 2,
  occurredAt: new Date('2026-01-02T03:04:05Z'),
};

describe('parseInteractionRows', () => {
  it.each<[string, RowFormat, string]>([
    [
      'CSV with columns in any order',
      'csv',
      'itemId,type,userId,occurredAt,weight\ni,buy,u,2026-01-02T03:04:05Z,2\n',
    ],
    [
      'CSV with a byte order mark, CRLF and quotes',
      'csv',
      '\ufeffuserId,itemId,type,weight,occurredAt\r\n"u",i,"buy",2,1767323045\r\n',
    ],
    ['TSV with milliseconds', 'tsv', 'userId\titemId\ttype\tweight\toccurredAt\nu\ti\tbuy\t2\t1767323045000'],
    [
      'JSON lines',
      'jsonl',
      '{"userId":"u","itemId":"i","type":"buy","weight":2,"occurredAt":"2026-01-02T03:04:05Z"}\n\n',
    ],
  ])('reads %s', async (_, format, text) => {
    expect(await read(format, text)).toEqual([{ ...FULL, row: format === 'jsonl' ? 1 : 2 }]);
  });

  it('leaves rows out that cannot be read, when it is told whom to tell, but nothing whose end is not sure', async () => {
    const refused: number[] = [];
    const lines = async (text: string, encoding?: 'latin1') => {
      const options = { format: 'csv' as const, now: NOW, clockToleranceSeconds: 300 };
      const onInvalid = ({ row }: RefusedRow) => refused.push(row);
      const bytes = Readable.from([Buffer.from(text, encoding)]);
      const read: (number | undefined)[] = [];
      for await (const { row } of parseInteractionRows(bytes, { ...options, onInvalid })) read.push(row);
      return read;
    };
    expect(await lines('userId,itemId,weight\nu,i,0\nu,i\nu,i,1\n')).toEqual([4]);
    expect(refused.sort()).toEqual([2, 3]);
    const refusesAll = { code: 'import-row-invalid' };
    await expect(lines('userId,itemId\nu,i\nu,"i\nu,i\n')).rejects.toMatchObject(refusesAll);
    await expect(lines('userId,itemId\nu,i\nu,\u00e9\n', 'latin1')).rejects.toMatchObject(refusesAll);
  });

  it('fills in type and weight, and leaves a row without a time undated', async () => {
    const expected = { userId: 'u', itemId: 'i', type: 'interaction', weight: 1, occurredAt: null };
    expect(await read('csv', 'userId,itemId,weight\nu,i,\n')).toEqual([{ ...expected, row: 2 }]);
    expect(await read('jsonl', '{"userId":"u","itemId":"i"}')).toEqual([{ ...expected, row: 1 }]);
  });

  it.each<[RowFormat, (time: string) => string, number]>([
    ['csv', (time) => `userId,itemId,occurredAt\nu,i,0\nu,i,${time}\n`, 3],
    ['tsv', (time) => `userId\titemId\toccurredAt\nu\ti\t${time}\n`, 2],
    ['jsonl', (time) => `{"userId":"u","itemId":"i","occurredAt":"${time}"}\n`, 1],
  ])(
    'refuses a time ahead of the clock in %s, names the row and asks for the time zone',
    async (format, text, row) => {
      const after = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
      expect(await read(format, text(after(240)))).not.toEqual([]);
      await expect(read(format, text(after(3_600)))).rejects.toMatchObject({
        message: expect.stringMatching(
          new RegExp(
            `^Row ${row}: occurredAt is .* s ahead of the server's clock.*; is its time zone right\\?$`,
          ),
        ),
        code: 'import-row-invalid',
        extensions: { row },
      });
    },
  );

  it.each<[string, RowFormat, string, number]>([
    ['an unknown column', 'csv', 'userId,itemId,price\n', 1],
    ['a missing column', 'csv', 'userId,type\n', 1],
    ['a row that is too short', 'csv', 'userId,itemId\nu,i\nu\n', 3],
    ['an empty id', 'csv', 'userId,itemId\nu,\n', 2],
    ['a negative weight', 'csv', 'userId,itemId,weight\nu,i,-1\n', 2],
    ['NaN', 'csv', 'userId,itemId,weight\nu,i,NaN\n', 2],
    ['a weight that float32 rounds to 0', 'csv', 'userId,itemId,weight\nu,i,1e-60\n', 2],
    ['a date in year 99999', 'csv', 'userId,itemId,occurredAt\nu,i,99999-01-01\n', 2],
    [
      'an id of 600 characters',
      'jsonl',
      `{"userId":"u","itemId":"i"}\n{"userId":"${'x'.repeat(600)}","itemId":"i"}`,
      2,
    ],
    ['an id with NUL', 'jsonl', '{"userId":"a\\u0000","itemId":"i"}', 1],
    ['an id that is a number', 'jsonl', '{"userId":1,"itemId":"i"}', 1],
    ['an unknown field', 'jsonl', '{"userId":"u","itemId":"i","x":1}', 1],
    ['broken JSON', 'jsonl', '{"userId"', 1],
  ])('refuses %s and names the row', async (_, format, text, row) => {
    await expect(read(format, text)).rejects.toMatchObject({
      code: 'import-row-invalid',
      extensions: { row },
    });
  });

  const HEADS: [RowFormat, (id: string) => string, number][] = [
    ['csv', (id) => `userId,itemId\n${id},i\n`, 2],
    ['tsv', (id) => `userId\titemId\n${id}\ti\n`, 2],
    ['jsonl', (id) => `{"userId":"${id}","itemId":"i"}\n`, 1],
  ];

  it.each(HEADS)('refuses a row of %s that is not UTF-8, and names it', async (format, text, row) => {
    for (const bad of [[0xff], [0xe9], [0xc3], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const [before, after] = text('u\n').split('u\n') as [string, string];
      const file = Buffer.concat([Buffer.from(before), Buffer.from(bad), Buffer.from(after)]);
      const refused = { code: 'import-row-invalid', extensions: { row, reason: 'not valid UTF-8' } };
      await expect(read(format, file)).rejects.toMatchObject(refused);
      await expect(read(format, ...bytesOf(file))).rejects.toMatchObject(refused);
    }
  });

  it.each(HEADS)('refuses a file of %s that ends within a character', async (format, text, row) => {
    const file = Buffer.concat([Buffer.from(text('u')), Buffer.from([0xf0, 0x9f])]);
    await expect(read(format, file)).rejects.toMatchObject({
      code: 'import-row-invalid',
      extensions: { row: row + 1, reason: 'not valid UTF-8' },
    });
  });

  it.each(HEADS)('reads characters of %s that come in pieces, U+FFFD among them', async (format, text) => {
    for (const userId of ['\u00e9\u20ac\u{1f600}', 'a\ufffdb', '\u{10ffff}']) {
      const file = Buffer.from(text(userId));
      expect(await read(format, ...bytesOf(file))).toMatchObject([{ userId }]);
    }
  });
});

/** One chunk a byte. */
function bytesOf(file: Buffer): Buffer[] {
  return Array.from(file, (byte) => Buffer.from([byte]));
}
