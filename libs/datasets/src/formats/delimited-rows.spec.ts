import fc from 'fast-check';
import type { TextPiece } from '../text/read-text.js';
import { parseQuoted, readDelimited, splitLines, type DelimitedOptions } from './delimited-rows.js';
import type { RowChunk } from './table.js';

const OPTIONS: DelimitedOptions = { name: 'x.csv', delimiter: ',', quoted: true, headerLine: 1 };

async function* piecesOf(...texts: readonly string[]): AsyncGenerator<TextPiece> {
  let line = 1;
  for (const text of texts) {
    yield { text, line };
    line += text.split('\n').length - 1;
    await Promise.resolve();
  }
}

async function read(texts: readonly string[], options: Partial<DelimitedOptions> = {}): Promise<RowChunk> {
  const rows: RowChunk['rows'][number][] = [];
  const lines: number[] = [];
  for await (const chunk of readDelimited(piecesOf(...texts), { ...OPTIONS, ...options })) {
    rows.push(...chunk.rows);
    lines.push(...chunk.lines);
  }
  return { rows, lines };
}

describe('readDelimited', () => {
  it('reads text without quotes as csv-parse does', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', ';', "'", 'é', '\t'), maxLength: 4 });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n', '\r'), async (cells, lineEnd) => {
        const text = cells.map((row) => row.join(',') + lineEnd).join('');
        expect(await read([text])).toEqual(parseQuoted({ text, line: 1 }, OPTIONS));
      }),
    );
  });

  it('reads text in one go as line by line, whatever the cells and the delimiter', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', ' ', '\t', '\n', ':', ';', ',', '#'),
      maxLength: 60,
    });
    const options = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', ':', '::', '#,'),
      headerLine: fc.integer({ min: 0, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(text, options, async (piece, some) => {
        const slow = splitLines({ text: piece, line: 1 }, { ...OPTIONS, ...some });
        expect(await read([piece], some)).toEqual(slow);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads a quoted cell over pieces of text, and plain text behind it', async () => {
    expect(await read(['h,i\n1,2\n', 'a,"x\n', 'y, ""z"""\n', '3,4\n'])).toEqual({
      rows: [
        ['1', '2'],
        ['a', 'x\ny, "z"'],
        ['3', '4'],
      ],
      lines: [2, 4, 5],
    });
  });

  it('names the line where a quote opens that is never closed, however much follows', async () => {
    const rest = 'b,c\n'.repeat(20_000);
    await expect(read(['h,i\n', 'a,"b\n', ...Array.from({ length: 20 }, () => rest)])).rejects.toThrow(
      'x.csv, line 2: a quote (") opens a cell here and is never closed',
    );
  });

  it('names the line of a quote where none may stand', async () => {
    await expect(read(['h,i\n1,2\na 5" disk,b\n3,"4"\n5" x,y\n'])).rejects.toThrow(
      'x.csv, line 3: a quote (") stands where none may',
    );
  });

  it.each(['\n', '\r\n'])(
    'splits no more cells of a row than there may be columns, with %j',
    async (lineEnd) => {
      const { rows, lines } = await read([`h,i${lineEnd}${','.repeat(20_000)}x${lineEnd}1,2${lineEnd}`]);
      const [wide, next] = rows as unknown as readonly (readonly string[])[];
      expect([wide!.length, wide!.at(-1), next, lines]).toEqual([
        10_001,
        `${','.repeat(10_000)}x`,
        ['1', '2'],
        [2, 3],
      ]);
    },
  );

  it('takes any number of blanks for one where blanks separate', async () => {
    expect(await read(['h i\n 1  2\t3 \n'], { delimiter: ' ', quoted: false })).toEqual({
      rows: [['1', '2', '3']],
      lines: [2],
    });
  });
});
