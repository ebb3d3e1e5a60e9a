import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { readAll, refusalOf } from '../testing/reading.js';
import { openSources } from './open-sources.js';

const ROWS = 'userId,itemId\nu,i\n';
/** `ROWS` as `data/rows.csv`. */
const ZIP = Buffer.from(
  'UEsDBBQAAAAIAAAAIVj69cAUFAAAABIAAAANAAAAZGF0YS9yb3dzLmNzdistTi3yTNHJLEnN9UzhKtXJ5AIAUEsBAhQDFAAA' +
    'AAgAAAAhWPr1wBQUAAAAEgAAAA0AAAAAAAAAAAAAAIABAAAAAGRhdGEvcm93cy5jc3ZQSwUGAAAAAAEAAQA7AAAAPwAAAAAA',
  'base64',
);

describe('openSources', () => {
  let folder: string;
  const put = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const textsOf = async (path: string, options = {}) => {
    const opened = await openSources(path, options);
    const texts: string[] = [];
    for (const source of opened.sources) texts.push((await readAll(source)).toString());
    await opened.dispose();
    return texts;
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-sources-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives the bytes of a file again and again', async () => {
    const { sources } = await openSources(put('a.csv', ROWS));
    expect(sources).toMatchObject([{ fileName: 'a.csv', packing: null, storedBytes: 18 }]);
    for (const _ of [1, 2]) expect((await readAll(sources[0]!)).toString()).toBe(ROWS);
  });

  it('gives the files of a folder in the order of their names, and not those of its folders', async () => {
    put('b.csv', 'b');
    put('a.csv', 'a');
    put('.hidden', 'h');
    mkdirSync(join(folder, 'c'));
    put('c/d.csv', 'd');
    expect(await textsOf(folder)).toEqual(['a', 'b']);
    expect(await openSources(folder)).toMatchObject({ path: folder, isFolder: true });
  });

  it('gives standard input for a dash, and a pipe by its name, as often as is asked', async () => {
    const standardInput = Readable.from([Buffer.from('userId,item'), Buffer.from('Id\nu,i\n')]);
    const { sources, dispose } = await openSources('-', { standardInput });
    expect(sources).toMatchObject([{ name: 'standard input', fileName: '' }]);
    for (const _ of [1, 2]) expect((await readAll(sources[0]!)).toString()).toBe(ROWS);
    await dispose();
  });

  it.each([
    ['rows.csv.gz', gzipSync(ROWS), 'gzip', 'rows.csv'],
    ['rows.csv', gzipSync(ROWS), 'gzip', 'rows.csv'],
    ['x.zip', ZIP, 'zip', 'rows.csv'],
    ['x.dat', ZIP, 'zip', 'rows.csv'],
    ['rows.gz', Buffer.from(ROWS), null, 'rows.gz'],
  ])('unpacks %s by what is in it', async (name, content, packing, fileName) => {
    const { sources } = await openSources(put(name, content));
    expect(sources).toMatchObject([{ packing, fileName, storedBytes: content.length }]);
    expect((await readAll(sources[0]!)).toString()).toBe(ROWS);
  });

  it.each([
    ['plain', Buffer.from(ROWS)],
    ['packed', gzipSync(ROWS)],
  ])('gives bytes at any place of what is %s', async (_, content) => {
    const opened = await openSources(put('rows', content));
    const bytes = await opened.sources[0]!.openAnywhere();
    expect(bytes.byteLength).toBe(ROWS.length);
    expect(Buffer.from(await bytes.slice(7, 13)).toString()).toBe('itemId');
    expect(Buffer.from(await bytes.slice(14)).toString()).toBe('u,i\n');
    await opened.dispose();
  });

  it('refuses what is not there', async () => {
    expect(await refusalOf(openSources(join(folder, 'none')))).toMatch(
      /^import-source-invalid .*none: it does not exist/,
    );
    expect(await refusalOf(openSources(folder))).toMatch(/the folder has no file in it; give another$/);
  });
});
