import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readDataset } from '../testing/understanding.js';
import { compressors } from './parquet-zstd.js';

const MEBIBYTE = 1024 ** 2;
const SKIPPED = Buffer.from('502a4d1803000000aaaaaa', 'hex');

type Block = { readonly raw: Buffer } | { readonly repeat: number; readonly times: number };

function blockOf(block: Block, isLast: boolean): Buffer {
  const [type, size, content] =
    'raw' in block ? [0, block.raw.length, block.raw] : [1, block.times, Buffer.from([block.repeat])];
  const header = Buffer.alloc(3);
  header.writeUIntLE(Number(isLast) + type * 2 + size * 8, 0, 3);
  return Buffer.concat([header, content]);
}

/** A frame that is not compressed; `window` is the byte of RFC 8878 that says how large it is. */
function frameOf(
  blocks: readonly Block[],
  { stated, window = 0 }: { readonly stated?: number; readonly window?: number } = {},
): Buffer {
  const size = Buffer.alloc(stated === undefined ? 0 : 4);
  if (stated !== undefined) size.writeUInt32LE(stated);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, stated === undefined ? 0 : 2 << 6, window]),
    size,
    ...blocks.map((block, place) => blockOf(block, place === blocks.length - 1)),
  ]);
}

const unpack = (frame: Buffer, length: number) => Buffer.from(compressors.ZSTD!(frame, length));
const times = <Value>(count: number, value: Value) => new Array<Value>(count).fill(value);

describe('Parquet with ZSTD', () => {
  const text = Buffer.from('some text');

  it('unpacks frames whether they say how large they are or not', () => {
    const blocks = [{ raw: text }, { repeat: 97, times: 3 }];
    for (const options of [{}, { stated: 12 }])
      expect(unpack(frameOf(blocks, options), 12).toString()).toBe('some textaaa');
    const two = Buffer.concat([frameOf([{ raw: text }]), SKIPPED, frameOf(blocks, { stated: 12 })]);
    expect(unpack(two, 21).toString()).toBe('some textsome textaaa');
  });

  it.each<[string, Buffer, RegExp]>([
    [
      'that says to be larger than its page',
      frameOf([{ raw: text }], { stated: 1001 }),
      /1000 bytes has 1001/,
    ],
    ['of many repeated bytes', frameOf(times(50, { repeat: 0, times: 2 ** 20 })), /may have 52428800 bytes/],
    ['of many blocks', frameOf(times(257, { raw: text })), /may have 33685504 bytes, and 33554432/],
    ['with a large window', frameOf([{ raw: text }], { window: 21 << 3 }), /window of 2147483648 bytes/],
    ['that is cut off', frameOf([{ raw: text }]).subarray(0, 7), /bounds/],
    ['that is none', Buffer.from('no frame'), /invalid zstd data/],
  ])('refuses a frame %s before it is unpacked', (_, frame, message) => {
    expect(() => compressors.ZSTD!(frame, 1000)).toThrow(message);
  });

  it('writes no more than a frame says', () => {
    expect(unpack(frameOf([{ repeat: 97, times: MEBIBYTE }], { stated: 5 }), 5).toString()).toBe('aaaaa');
  });

  describe('files', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-zstd-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    const read = (zstd: (page: Uint8Array) => Uint8Array) => {
      const ids = ['ada', 'ben', 'cy'];
      const file = parquetWriteBuffer({
        columnData: ['userId', 'itemId'].map((name) => ({ name, data: ids, type: 'STRING' as const })),
        ...{ codec: 'ZSTD', compressors: { ZSTD: zstd } },
      });
      const path = join(folder, 'x.parquet');
      writeFileSync(path, Buffer.from(file));
      return readDataset(path);
    };

    it('are read', async () => {
      const { summary } = await read((page) => frameOf([{ raw: Buffer.from(page) }]));
      expect(summary).toMatchObject({ format: 'parquet', users: 3, items: 3, interactions: 3 });
    });

    it('are refused if a page is larger than it is said to be', async () => {
      const bomb = frameOf(times(4_000, { repeat: 0, times: 2 ** 20 }));
      await expect(read(() => bomb)).rejects.toThrow(
        /x\.parquet: the Parquet file cannot be read \(a page of zstd may have 4194304000 bytes, .*write it again/,
      );
    });
  });
});
