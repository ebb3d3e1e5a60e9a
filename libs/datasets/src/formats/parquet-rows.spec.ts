import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { pairsOf, readDataset, type Told } from '../testing/understanding.js';

/** Three rows in two row groups: text, 64-bit integers, doubles, timestamps and notes, some of them null. */
const FILE = Buffer.from(
  [
    'UEFSMRUEFQwVEEwVAhUAAAAGFAIAAAB1MRUGFQgVDFwVBBUAFQQVEBUEFQAAAAMDAgQAAxUGFSQVKFwVBBUAFQQVABUEFQAA',
    'AAMDEDwBAAAAAAAAAAEAAAAAACAAFQYVJBUkXBUEFQAVBBUAFQQVAAAAAwMQAAAFASQUQAAAAAAAAARAFQYVJBUoXBUEFQAV',
    'BBUAFQQVAAAAAwMQPAD0UcKMAQAA9FF4x4wBAAAVBhUOFRJcFQQVAhUEFQAVBBUAAAADAQUQAQAAAHgVBhUQFRRcFQIVABUC',
    'FQAVBBUAAAADAQYUAgAAAHUyFQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAIAAAAAAAAAFQYVFBUYXBUCFQAVAhUAFQQVAAAA',
    'AwEIHAAAAAAAABBAFQYVBBUGXBUCFQIVAhUAFQQVAAAAAwAAFQYVDhUSXBUCFQAVAhUAFQQVAAAAAwEFEAEAAAB6FQQZbEgE',
    'cm9vdBUKABUMJQIYB3VzZXJfaWQlAAAVBCUCGAdpdGVtX2lkABUKJQIYBnJhdGluZwAVBCUCGAl0aW1lc3RhbXAlEgAVDCUC',
    'GARub3RlJQAAFgYZLBlcJggcFQwZJQAQGRgHdXNlcl9pZBUCFgQWWBZgJjImCBw2ACgCdTEYAnUxABksFQQVABUCABUGFRAV',
    'AgAAACZoHBUEGRUAGRgHaXRlbV9pZBUCFgQWThZSJmg8NgAoCAEAAAAAACAAGAgBAAAAAAAAAAAZHBUGFQAVAgAAACa6ARwV',
    'ChkVABkYBnJhdGluZxUCFgQWThZOJroBPDYAKAgAAAAAAAAUQBgIAAAAAAAABEA2AAAZHBUGFQAVAgAAACaIAhwVBBkVABkY',
    'CXRpbWVzdGFtcBUCFgQWThZSJogCPDYAKAj0UXjHjAEAABgIAPRRwowBAAAAGRwVBhUAFQIAAAAm2gIcFQwZFQAZGARub3Rl',
    'FQIWBBY4Fjwm2gI8NgIoAXgYAXgAGRwVBhUAFQIAAAAW+gIWBDaOAwAZXCaWAxwVDBkVABkYB3VzZXJfaWQVAhYCFjoWPiaW',
    'Azw2ACgCdTIYAnUyABkcFQYVABUCAAAAJtQDHBUEGRUAGRgHaXRlbV9pZBUCFgIWPhZCJtQDPDYAKAgCAAAAAAAAABgIAgAA',
    'AAAAAAAAGRwVBhUAFQIAAAAmlgQcFQoZFQAZGAZyYXRpbmcVAhYCFj4WQiaWBDw2ACgIAAAAAAAAEEAYCAAAAAAAABBANgAA',
    'GRwVBhUAFQIAAAAm2AQcFQQZFQAZGAl0aW1lc3RhbXAVAhYCFi4WMCbYBDw2AgAZHBUGFQAVAgAAACaIBRwVDBkVABkYBG5v',
    'dGUVAhYCFjgWPCaIBTw2ACgBehgBegAZHBUGFQAVAgAAABacAhYCNq4CACgJaHlwYXJxdWV0GVwcAAAcAAAcAAAcAAAcAAAA',
    '1gIAAFBBUjE=',
  ].join(''),
  'base64',
);

describe('Parquet', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-parquet-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function read(bytes: Buffer, told?: Told) {
    const path = join(folder, 'no-ending');
    writeFileSync(path, bytes);
    return readDataset(path, told);
  }

  it('is read by content, with exact integers as ids and its own times', async () => {
    const { summary, ...rows } = await read(FILE);
    expect(summary).toMatchObject({
      format: 'parquet',
      encoding: null,
      columns: { user: 'user_id', item: 'item_id', rating: 'rating', time: 'timestamp' },
      ignoredColumns: ['note'],
      likes: 2,
      lowRatings: 1,
    });
    expect(pairsOf({ summary, ...rows })).toEqual(['u1 1', 'u1 9007199254740993', 'u2 2']);
    expect(rows.interactions.map(({ occurredAt }) => occurredAt?.toISOString())).toEqual([
      '2024-01-01T00:00:00.000Z',
      '2024-01-02T00:00:00.500Z',
      undefined,
    ]);
  });

  it.each<[string, Buffer, number, string]>([
    [
      'a million columns',
      Buffer.from([0x15, 2, 0x19, 0xfc, 0xc1, 0x84, 0x3d]),
      7,
      'it has 1000001 columns, and',
    ],
    [
      'a footer of 9 MB',
      Buffer.alloc(9_000_000),
      9_000_000,
      'its footer has 9000000 bytes, and 8388608 are the most',
    ],
  ])('is refused with %s before these are decoded', async (_, footer, length, message) => {
    const end = Buffer.alloc(4);
    end.writeUInt32LE(length);
    const bytes = Buffer.concat([Buffer.from('PAR1'), footer, end, Buffer.from('PAR1')]);
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it('keeps every character of a value, a byte order mark in front of it too', async () => {
    const ids = ['\ufeffa', 'a', '\ufeff\ufeffa'];
    expect(pairsOf(await read(pairs(ids)))).toEqual(ids.map((id) => `u ${id}`));
  });

  it.each(['PLAIN', 'RLE_DICTIONARY'] as const)(
    'never reads bytes that are not UTF-8 as U+FFFD, so that two ids become one (%s)',
    async (encoding) => {
      const bytes = latin1(pairs(['cafX-', 'cafY-', 'tea', 'tea'], encoding), { X: '\xe9', Y: '\xe8' });
      await expect(read(bytes)).rejects.toThrow('no-ending, row 1: itemId is no text in UTF-8');
      const { summary } = await read(bytes, { skipInvalid: true });
      expect(summary).toMatchObject({ items: 1, leftOut: [{ rows: 2, firstLines: [1, 2] }] });
    },
  );

  it('that is cut off is refused with what to do', async () => {
    await expect(read(FILE.subarray(0, 700))).rejects.toThrow(
      /no-ending: the Parquet file cannot be read \(.*\); write it again/,
    );
  });
});

/** A user with some items. */
function pairs(items: readonly string[], encoding: 'PLAIN' | 'RLE_DICTIONARY' = 'PLAIN'): Buffer {
  return Buffer.from(
    parquetWriteBuffer({
      codec: 'UNCOMPRESSED',
      columnData: [
        { name: 'userId', data: items.map(() => 'u'), type: 'STRING' },
        { name: 'itemId', data: [...items], type: 'STRING', encoding },
      ],
    }),
  );
}

/** The same bytes with other ones for some letters. */
function latin1(bytes: Buffer, letters: Readonly<Record<string, string>>): Buffer {
  let text = bytes.toString('latin1');
  for (const [letter, byte] of Object.entries(letters)) text = text.replaceAll(`caf${letter}`, `caf${byte}`);
  return Buffer.from(text, 'latin1');
}
