import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairsOf, readDataset } from '../testing/understanding.js';

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

  function read(bytes: Buffer) {
    const path = join(folder, 'no-ending');
    writeFileSync(path, bytes);
    return readDataset(path);
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

  it('that is cut off is refused with what to do', async () => {
    await expect(read(FILE.subarray(0, 700))).rejects.toThrow(
      /no-ending: the Parquet file cannot be read \(.*\); write it again/,
    );
  });
});
