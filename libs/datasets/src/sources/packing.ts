import { sourceInvalid } from './source-invalid.js';
import type { Packing } from './source.js';

/** Bytes at the start that `findPacking` looks at. */
export const HEAD_BYTES = 512;

const MAGIC: readonly (readonly [packing: Packing, start: string])[] = [
  ['gzip', '\x1f\x8b\x08'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
];
const UNPACK = 'unpack it, and give the folder or pack the file with gzip or zip';
const AS_TEXT = 'give the table that it is about, as CSV or JSON lines';
const AS_CSV = 'save it as CSV, and give that';

interface Refused {
  readonly kind: string;
  readonly remedy: string;
  readonly start: string;
  readonly at?: number;
}

/** Files that are no data set, by how they begin. */
const REFUSED: readonly Refused[] = [
  { kind: 'a 7z archive', remedy: UNPACK, start: '7z\xbc\xaf\x27\x1c' },
  { kind: 'a bzip2 file', remedy: UNPACK, start: 'BZh' },
  { kind: 'a rar archive', remedy: UNPACK, start: 'Rar!\x1a\x07' },
  { kind: 'an xz file', remedy: UNPACK, start: '\xfd7zXZ\0' },
  { kind: 'a Zstandard file', remedy: UNPACK, start: '\x28\xb5\x2f\xfd' },
  { kind: 'a tar archive', remedy: UNPACK, start: 'ustar', at: 257 },
  { kind: 'a workbook of an old Excel', remedy: AS_CSV, start: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' },
  { kind: 'a PNG picture', remedy: AS_TEXT, start: '\x89PNG\r\n' },
  { kind: 'a JPEG picture', remedy: AS_TEXT, start: '\xff\xd8\xff' },
  { kind: 'a GIF picture', remedy: AS_TEXT, start: 'GIF89a' },
  { kind: 'a PDF document', remedy: AS_TEXT, start: '%PDF-' },
  {
    kind: 'a SQLite database',
    remedy: 'write its table as CSV, for example by sqlite3 -header -csv',
    start: 'SQLite format 3\0',
  },
  { kind: 'an Arrow or Feather file', remedy: 'write it as Parquet', start: 'ARROW1\0\0' },
  { kind: 'an Avro file', remedy: 'write it as Parquet or JSON lines', start: 'Obj\x01' },
  { kind: 'an HDF5 file', remedy: 'write its table as Parquet or CSV', start: '\x89HDF' },
  { kind: 'a file of NumPy', remedy: 'write its table as Parquet or CSV', start: '\x93NUMPY' },
];
/** What a browser shows, with its encoding's mark or blanks in front. */
const PAGE = /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)[\s>]/i;

/** How something is packed, by its first bytes. */
export function findPacking(head: Buffer): Packing | null {
  return MAGIC.find(([, start]) => hasAt(head, start, 0))?.[0] ?? null;
}

/** @throws DomainError `import-source-invalid` on other ways to pack, and on what is no data set */
export function refuseOtherKinds(name: string, head: Buffer): void {
  const found = REFUSED.find(({ start, at = 0 }) => hasAt(head, start, at));
  if (found) throw sourceInvalid(name, `it is ${found.kind}; ${found.remedy}`);
  if (PAGE.test(head.toString('latin1', 0, HEAD_BYTES)))
    throw sourceInvalid(name, 'it is an HTML page and no data; download the file that the page is about');
}

function hasAt(head: Buffer, start: string, at: number): boolean {
  return head.subarray(at, at + start.length).equals(Buffer.from(start, 'latin1'));
}

/** @throws DomainError `import-source-invalid` if what was unpacked is packed itself */
export function refusePackedTwice(name: string, head: Buffer): void {
  refuseOtherKinds(name, head);
  if (findPacking(head)) throw sourceInvalid(name, 'it is packed twice; unpack it once');
}
