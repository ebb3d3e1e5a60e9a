import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { openSources } from '../sources/open-sources.js';
import { refusalOf } from '../testing/reading.js';
import { UnpackedBytes } from './parquet-pages.js';
import { openParquet, readParquet } from './parquet-rows.js';

const MEBIBYTE = 1024 ** 2;

describe('Parquet in pages', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-pages-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function read(bytes: ArrayBuffer): Promise<{ rows: unknown[]; lines: number[] }> {
    const path = join(folder, 'x');
    writeFileSync(path, Buffer.from(bytes));
    const { sources } = await openSources(path);
    const file = await openParquet(sources[0]!);
    const [rows, lines]: [unknown[], number[]] = [[], []];
    for await (const chunk of readParquet(sources[0]!, file, file.names)) {
      rows.push(...chunk.rows);
      lines.push(...chunk.lines);
    }
    return { rows, lines };
  }

  it('gives the rows that whole row groups give, whatever the pages and groups', async () => {
    const row = fc.record({
      text: fc.option(fc.constantFrom('a', 'bb', 'é', ''), { nil: undefined }),
      number: fc.integer(),
      tags: fc.array(fc.constantFrom('x', 'y'), { maxLength: 3 }),
    });
    const rows = fc.array(row, { minLength: 1, maxLength: 40 });
    const sizes = fc.record({
      pageSize: fc.constantFrom(1, 16, 1_000),
      rowGroupSize: fc.constantFrom(1, 7, 1_000),
      codec: fc.constantFrom('UNCOMPRESSED' as const, 'SNAPPY' as const),
    });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), sizes, async (few, times, options) => {
        const all = Array.from({ length: few.length * times }, (_, n) => few[n % few.length]!);
        const file = parquetWriteBuffer({
          ...options,
          columnData: [
            { name: 'text', data: all.map(({ text }) => text), type: 'STRING' },
            { name: 'number', data: all.map(({ number }) => number), type: 'INT32' },
            { name: 'tags', data: all.map(({ tags }) => tags) },
          ],
        });
        const whole = await parquetReadObjects({ file, compressors });
        const inPages = await read(file);
        expect(inPages.rows).toEqual(whole);
        expect(inPages.lines).toEqual(all.map((_, index) => index + 1));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a page of more rows than memory holds before it is decoded', async () => {
    const ids = new Array<string>(2 ** 20 + 1).fill('a');
    const file = parquetWriteBuffer({
      columnData: ['userId', 'itemId'].map((name) => ({ name, data: ids, type: 'STRING' as const })),
      ...{ rowGroupSize: ids.length, pageSize: 0 },
    });
    expect(file.byteLength).toBeLessThan(10_000);
    expect(await refusalOf(read(file))).toMatch(
      /a page of it has 1048577 values .* 1048576 values and 33554432 bytes are the most; write it again with row groups/,
    );
  });

  it('refuses what is unpacked much larger than the file is', () => {
    const source = { name: 'x.parquet', storedBytes: 5_240 };
    const ofRows = new UnpackedBytes(source);
    for (let page = 0; page < 8; page++) ofRows.addPage(100, 2 ** 20);
    expect(() => ofRows.addPage(100, 1)).toThrow('x.parquet: unpacked it is more than 200 times as large');
    expect(() => new UnpackedBytes(source).checkValues(2 * 14_000_000)).toThrow(
      'more than 200 times as large',
    );
    const ofBytes = new UnpackedBytes(source);
    ofBytes.addPage(16 * MEBIBYTE, 1);
    expect(() => ofBytes.addPage(1, 1)).toThrow('unpacked it is more than 200 times as large');
    const large = new UnpackedBytes({ ...source, storedBytes: MEBIBYTE });
    for (let page = 0; page < 200; page++) large.addPage(MEBIBYTE, 20_000);
  });

  it.each([
    [-1, 1],
    [1, -1],
    [NaN, 1],
    [33 * MEBIBYTE, 1],
  ])('refuses a page that is said to have %d bytes and %d values', (bytes, values) => {
    expect(() => new UnpackedBytes({ name: 'x', storedBytes: 1e9 }).addPage(bytes, values)).toThrow(
      'a page of it has',
    );
  });
});
