import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openFiles } from '../testing/open-files.js';
import { readAll, refusalOf } from '../testing/reading.js';
import { zipOf } from '../testing/zip-of.js';
import { openSources } from './open-sources.js';
import type { SourceOptions } from './source.js';

const ROWS = Buffer.from('userId,itemId\n' + 'user,item\n'.repeat(30_000));
const MEBIBYTE = 1024 ** 2;

describe('a source that is damaged or hostile', () => {
  let folder: string;
  const put = (content: Buffer, name = 'rows') => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const read = async (path: string, options: SourceOptions = {}) => {
    const { sources } = await openSources(path, options);
    for (const source of sources) await readAll(source);
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-sources-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const packed = gzipSync(ROWS);
  const zipped = zipOf({ name: 'rows.csv', content: ROWS });
  it.each<[string, Buffer, RegExp]>([
    [
      'a gzip that ends too early',
      packed.subarray(0, -20),
      /ends too early; copy or download the file again$/,
    ],
    ['a gzip without its length', packed.subarray(0, -4), /ends too early/],
    ['a gzip with a wrong bit', withBitFlipped(packed, packed.length - 6), /the packed data is damaged/],
    [
      'a gzip with rows behind it',
      Buffer.concat([packed, Buffer.from('u,i\n')]),
      /the packed data is damaged/,
    ],
    ['a gzip of a gzip', gzipSync(packed), /it is packed twice; unpack it once$/],
    [
      'a gzip of a tar',
      gzipSync(Buffer.concat([Buffer.alloc(257), Buffer.from('ustar\0')])),
      /it is a tar archive; unpack it/,
    ],
    ['a zip that ends too early', zipped.subarray(0, -10), /the zip cannot be read \(.*; pack it again$/],
    ['a zip with a wrong bit', withBitFlipped(zipped, 60), /the packed data is damaged/],
    [
      'a zip with a wrong checksum',
      zipOf({ name: 'a', content: ROWS, crc32: 1 }),
      /the packed data is damaged/,
    ],
    [
      'a zip that understates its size',
      zipOf({ name: 'a', content: ROWS, sizeBytes: 10 }),
      /the packed data is damaged/,
    ],
    [
      'a zip that points beyond its end',
      zipOf({ name: 'a', content: ROWS, packedBytes: 2 ** 31 }),
      /the zip cannot be read \(/,
    ],
    [
      'an encrypted zip',
      zipOf({ name: 'a', content: ROWS, flags: 1 }),
      /the zip is encrypted; unpack it and give what is in it$/,
    ],
    [
      'a zip packed another way',
      zipOf({ name: 'a', content: ROWS, method: 12 }),
      /the zip uses compression method 12; unpack it/,
    ],
    ['an empty zip', zipOf(), /the zip has no file in it; give another$/],
    [
      'a zip of two files',
      zipOf({ name: 'a.csv', content: ROWS }, { name: 'b/c.csv', content: ROWS }),
      /the zip has 2 files \(a\.csv, b\/c\.csv\) and may have one; unpack it and give the folder or one of the files$/,
    ],
    ['a 7z', Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), /it is a 7z archive; unpack it/],
    ['a bzip2', Buffer.from('BZh91AY'), /it is a bzip2 file; unpack it/],
    ['an xz', Buffer.from('\xfd7zXZ\0', 'latin1'), /it is an xz file; unpack it/],
    ['a Zstandard file', Buffer.from('\x28\xb5\x2f\xfd', 'latin1'), /it is a Zstandard file; unpack it/],
    [
      'an Excel workbook',
      zipOf(
        ...['[Content_Types].xml', '_rels/.rels', 'xl/workbook.xml', 'xl/worksheets/sheet1.xml'].map(
          (name) => ({ name, content: ROWS }),
        ),
      ),
      /it is an Excel workbook; save its sheet as CSV, and give that$/,
    ],
    [
      'a sheet of LibreOffice',
      zipOf(...['mimetype', 'content.xml'].map((name) => ({ name, content: ROWS }))),
      /it is a document of LibreOffice; save its sheet as CSV/,
    ],
    [
      'an old workbook',
      Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1'),
      /it is a workbook of an old Excel; save it as CSV/,
    ],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1'), /it is a PNG picture; give the table/],
    ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj'), /it is a PDF document; give the table/],
    ['a page', Buffer.from('\n<!DOCTYPE html>\n<html>'), /it is an HTML page and no data; download the file/],
    ['a packed page', gzipSync(Buffer.from('<html lang="en">')), /it is an HTML page and no data/],
    ['a database', Buffer.from('SQLite format 3\0'), /it is a SQLite database; write its table as CSV/],
  ])('%s is refused with what to do', async (_, content, message) => {
    const path = put(content);
    const refusal = await refusalOf(read(path));
    expect(refusal.startsWith(`import-source-invalid ${path}`)).toBe(true);
    expect(refusal).toMatch(message);
  });

  it('takes a zip whose only other entries are folders and what macOS adds', async () => {
    const zip = zipOf(
      { name: 'x/', content: Buffer.alloc(0) },
      { name: 'x/rows.csv', content: ROWS },
      { name: '__MACOSX/x/._rows.csv', content: ROWS },
      { name: 'x/.DS_Store', content: ROWS },
    );
    const { sources } = await openSources(put(zip));
    expect(sources[0]).toMatchObject({ fileName: 'rows.csv', packing: 'zip' });
    expect((await readAll(sources[0]!)).equals(ROWS)).toBe(true);
  });

  it.each<[string, (zeros: Buffer) => Buffer]>([
    ['gzip', (zeros) => gzipSync(zeros)],
    ['zip', (zeros) => zipOf({ name: 'a', content: zeros })],
  ])('a bomb of %s is refused at 16 MiB', async (_, pack) => {
    const path = put(pack(Buffer.alloc(64 * MEBIBYTE)));
    const { sources } = await openSources(path);
    let length = 0;
    const work = async () => {
      for await (const chunk of sources[0]!.open()) length += chunk.length;
    };
    expect(await refusalOf(work())).toMatch(/unpacked it is more than 200 times as large; unpack it/);
    expect(length).toBe(16 * MEBIBYTE);
  });

  it('little text may be packed as well as it can be', async () => {
    await read(put(gzipSync(Buffer.alloc(16 * MEBIBYTE, 'u,i\n'))));
  });

  it('refuses what is larger than a source may be when it is unpacked', async () => {
    const options = { unpackedLimitBytes: ROWS.length - 1 };
    expect(await refusalOf(read(put(packed), options))).toMatch(
      /unpacked it has more than .* bytes; split it into parts$/,
    );
    await read(put(packed), { unpackedLimitBytes: ROWS.length });
  });

  it.each<[string, (path: string) => void]>([
    ['grows', (path) => appendFileSync(path, 'u,i\n')],
    ['shrinks', (path) => truncateSync(path, 1_000)],
    [
      'becomes another',
      (path) => {
        writeFileSync(`${path}.new`, ROWS);
        renameSync(`${path}.new`, path);
      },
    ],
  ])('a file that %s while it is read is refused', async (_, change) => {
    const path = put(ROWS);
    const { sources } = await openSources(path);
    const first = sources[0]!.open()[Symbol.asyncIterator]();
    await first.next();
    change(path);
    const work = async () => {
      while (!(await first.next()).done);
      await readAll(sources[0]!);
    };
    expect(await refusalOf(work())).toMatch(
      /the file has changed while it was read; read it when it is finished$/,
    );
  });

  it('a file of a folder that cannot be read is refused when it is opened', async () => {
    put(ROWS, 'a.csv');
    put(zipOf(), 'b.zip');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'c.csv'));
    const { sources } = await openSources(folder);
    expect(sources.map(({ fileName }) => fileName)).toEqual(['a.csv', 'b.zip', 'c.csv']);
    await readAll(sources[0]!);
    expect(await refusalOf(readAll(sources[1]!))).toMatch(/the zip has no file in it/);
    expect(await refusalOf(readAll(sources[2]!))).toMatch(/it does not exist; check the path$/);
  });

  it('closes every file, whether it was read to its end or not', async () => {
    const path = put(packed);
    const { sources } = await openSources(path);
    await readAll(sources[0]!);
    for await (const _ of sources[0]!.open()) break;
    await refusalOf(read(path, { unpackedLimitBytes: 1 }));
    while (openFiles().some((file) => file.startsWith(folder))) await new Promise(setImmediate);
  });
});

function withBitFlipped(bytes: Buffer, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[at]! ^= 1;
  return damaged;
}
