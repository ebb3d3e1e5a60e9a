import { sourceInvalid } from './source-invalid.js';
import type { Packing } from './source.js';

/** Bytes at the start that `findPacking` looks at. */
export const HEAD_BYTES = 512;

const MAGIC: readonly (readonly [packing: Packing, start: string])[] = [
  ['gzip', '\x1f\x8b\x08'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
];
const REFUSED: readonly (readonly [kind: string, start: string, at?: number])[] = [
  ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
  ['a bzip2 file', 'BZh'],
  ['a rar archive', 'Rar!\x1a\x07'],
  ['an xz file', '\xfd7zXZ\0'],
  ['a Zstandard file', '\x28\xb5\x2f\xfd'],
  ['a tar archive', 'ustar', 257],
];

/** How something is packed, by its first bytes. */
export function findPacking(head: Buffer): Packing | null {
  return MAGIC.find(([, start]) => hasAt(head, start, 0))?.[0] ?? null;
}

/** @throws DomainError `import-source-invalid` on what is packed in a way that is not unpacked here */
export function refuseOtherPackings(name: string, head: Buffer): void {
  const kind = REFUSED.find(([, start, at = 0]) => hasAt(head, start, at))?.[0];
  if (kind !== undefined)
    throw sourceInvalid(
      name,
      `it is ${kind}; unpack it, and give the folder or pack the file with gzip or zip`,
    );
}

function hasAt(head: Buffer, start: string, at: number): boolean {
  return head.subarray(at, at + start.length).equals(Buffer.from(start, 'latin1'));
}

/** @throws DomainError `import-source-invalid` if what was unpacked is packed itself */
export function refusePackedTwice(name: string, head: Buffer): void {
  refuseOtherPackings(name, head);
  if (findPacking(head)) throw sourceInvalid(name, 'it is packed twice; unpack it once');
}
