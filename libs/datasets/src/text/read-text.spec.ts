import { bytesSource, readPieces, refusalOf } from '../testing/reading.js';
import { findEncoding, namedEncoding, parseEncoding } from './encoding.js';
import { MAX_LINE_LENGTH } from './read-text.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('findEncoding', () => {
  it.each([
    ['plain letters', [Buffer.from('a')], 'utf-8'],
    ['nothing', [], 'utf-8'],
    ['a byte order mark of UTF-8', [Buffer.from('\ufeffa')], 'utf-8'],
    ['a byte order mark of UTF-16', [Buffer.from('\ufeffa', 'utf16le')], 'utf-16le'],
    ['one the other way round', [Buffer.from('\ufeffa', 'utf16le').swap16()], 'utf-16be'],
    ['a byte order mark in two chunks', [latin1('\xff'), latin1('\xfea\0')], 'utf-16le'],
    ['characters over the end of a chunk', [...Buffer.from('a€😀')].map((byte) => Buffer.of(byte)), 'utf-8'],
    ['a character that is cut off at the end', [latin1('caf\xc3')], 'latin1'],
    ['letters of Latin-1', [latin1('a'.repeat(70_000)), latin1('caf\xe9')], 'latin1'],
    ['quotes of Windows before them', [Buffer.from('“'), latin1('\xe9')], 'windows-1252'],
  ])('finds %s', async (_, chunks, encoding) => {
    expect(await findEncoding(bytesSource(...chunks))).toBe(encoding);
  });
});

describe('parseEncoding', () => {
  it('knows the labels of the web', () => {
    expect(['UTF8', 'latin1', 'iso-8859-1', 'Shift_JIS', 'utf-16'].map(parseEncoding)).toEqual([
      'utf-8',
      'windows-1252',
      'windows-1252',
      'shift_jis',
      'utf-16le',
    ]);
    expect(['latin1', 'ISO-8859-1', 'windows-1252', 'cp1252', 'utf8'].map(namedEncoding)).toEqual([
      'latin1',
      'latin1',
      'windows-1252',
      'windows-1252',
      'utf-8',
    ]);
    expect(() => parseEncoding('klingon')).toThrow('"klingon" is no encoding');
  });
});

describe('readText', () => {
  const read = (chunks: readonly Buffer[], encoding = 'utf-8') =>
    readPieces(bytesSource(...chunks), encoding);

  it('gives whole lines with the number of the first', async () => {
    const chunks = ['a\nb', 'c\r', '\nd\r', 'e', '\n\nf'].map((text) => Buffer.from(text));
    expect(await read(chunks)).toEqual([
      { text: 'a\n', line: 1 },
      { text: 'bc\r\n', line: 2 },
      { text: 'd\r', line: 3 },
      { text: 'e\n\n', line: 4 },
      { text: 'f', line: 6 },
    ]);
  });

  it.each(['utf-8', 'utf-16le', 'utf-16be', 'shift_jis'])(
    'joins characters over chunks in %s',
    async (encoding) => {
      const bytes =
        { shift_jis: latin1('\x83\x65,\x83\x58\n') }[encoding] ??
        Buffer.from('\ufeffテ,ス\n', encoding === 'utf-8' ? 'utf8' : 'utf16le');
      if (encoding === 'utf-16be') bytes.swap16();
      const pieces = await read(
        [...bytes].map((byte) => Buffer.of(byte)),
        encoding,
      );
      expect(pieces).toEqual([{ text: 'テ,ス\n', line: 1 }]);
    },
  );

  it('reads Latin-1 as Windows does', async () => {
    expect(await read([latin1('\x93caf\xe9\x94 \x80')], 'windows-1252')).toEqual([
      { text: '“café” €', line: 1 },
    ]);
  });

  it.each([
    ['utf-8', latin1('a\r\nb\rc\nd\xe9e\n'), 4],
    ['utf-8', latin1('a\nb\xc3'), 2],
    ['windows-1252', latin1('a\nb\x81\n'), 2],
    ['utf-16le', Buffer.concat([Buffer.from('a\nb\n', 'utf16le'), Buffer.from('\ud800c', 'utf16le')]), 3],
    ['shift_jis', latin1('a\n\x83\x65\n\xff\n'), 3],
  ])('names the line that is no text in %s', async (encoding, bytes, line) => {
    const whole = Buffer.from(bytes);
    for (const size of [1, 3, whole.length]) {
      const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      );
      expect(await refusalOf(read(chunks, encoding))).toBe(
        `import-source-invalid test: line ${line} is no text in ${encoding}; give the encoding of the file, or convert it to UTF-8`,
      );
    }
  });

  it('refuses a line that is longer than any row', async () => {
    const line = Buffer.alloc(MAX_LINE_LENGTH, 'x');
    const good = [Buffer.from('a\n'), line, Buffer.from('\n')];
    expect((await read(good)).map(({ text }) => text.length)).toEqual([2, MAX_LINE_LENGTH + 1]);
    expect(await refusalOf(read([Buffer.from('a\n'), line, Buffer.from('x\n')]))).toMatch(
      /^import-source-invalid test: line 2 has more than 1048576 characters/,
    );
  });
});
