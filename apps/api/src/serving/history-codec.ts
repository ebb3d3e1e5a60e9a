import { crc32 } from 'node:zlib';
import type { UserHistory } from '@app/domain';

const FORMAT_VERSION = 1;
const HEADER_BYTES = 20;

/** version u32, CRC-32 of what follows u32, revision f64, count u32; keys i32…; values f32… (little-endian). */
export function encodeHistory(history: UserHistory): Buffer {
  const count = history.itemKeys.length;
  const bytes = Buffer.alloc(HEADER_BYTES + count * 8);
  bytes.writeUInt32LE(FORMAT_VERSION, 0);
  bytes.writeDoubleLE(history.revision, 8);
  bytes.writeUInt32LE(count, 16);
  history.itemKeys.forEach((key, position) => bytes.writeInt32LE(key, HEADER_BYTES + position * 4));
  history.values.forEach((value, position) =>
    bytes.writeFloatLE(value, HEADER_BYTES + (count + position) * 4),
  );
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** @returns null for bytes that this version did not write */
export function decodeHistory(bytes: Buffer): UserHistory | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== FORMAT_VERSION) return null;
  const count = bytes.readUInt32LE(16);
  if (bytes.length !== HEADER_BYTES + count * 8 || bytes.readUInt32LE(4) !== crc32(bytes.subarray(8)))
    return null;
  return {
    revision: bytes.readDoubleLE(8),
    itemKeys: Int32Array.from({ length: count }, (_, position) =>
      bytes.readInt32LE(HEADER_BYTES + position * 4),
    ),
    values: Float32Array.from({ length: count }, (_, position) =>
      bytes.readFloatLE(HEADER_BYTES + (count + position) * 4),
    ),
  };
}
