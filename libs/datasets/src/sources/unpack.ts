import { pipeline, type Transform } from 'node:stream';
import { crc32, createGunzip, createInflateRaw } from 'node:zlib';
import { refusePackedTwice } from './packing.js';
import { sourceInvalid } from './source-invalid.js';
import { streamOf } from './stream-of.js';
import type { ZipMember } from './zip-member.js';

const CHUNK_BYTES = 64 * 1024;

/** What is packed may become this many times as large; text seldom gets beyond 20. */
export const LARGEST_RATIO = 200;
/** Up to here the ratio is not looked at: little text may be the same line again and again. */
export const RATIO_FROM_BYTES = 16 * 1024 ** 2;
export const DEFAULT_UNPACKED_LIMIT_BYTES = 64 * 1024 ** 3;

export interface Bounds {
  readonly name: string;
  readonly storedBytes: number;
  readonly limitBytes: number;
}

/** Pieces of what a gzip file has in it. */
export function unpackGzip(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(packed, createGunzip({ chunkSize: CHUNK_BYTES }));
}

/** Pieces of the file in a zip, whose length and checksum must be those that the zip states. */
export async function* unpackMember(
  name: string,
  packed: AsyncIterable<Buffer>,
  member: ZipMember,
): AsyncGenerator<Buffer> {
  const pieces = member.isDeflated ? through(packed, createInflateRaw({ chunkSize: CHUNK_BYTES })) : packed;
  let [length, checksum] = [0, 0];
  for await (const piece of pieces) {
    length += piece.length;
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (length !== member.sizeBytes || checksum !== member.crc32)
    throw sourceInvalid(name, 'the packed data is damaged; copy or download the file again');
}

/** Refuses what grows beyond all measure when it is unpacked. */
export async function* bounded(
  pieces: AsyncIterable<Buffer>,
  { name, storedBytes, limitBytes }: Bounds,
): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const piece of pieces) {
    if (length === 0) refusePackedTwice(name, piece);
    length += piece.length;
    if (length > limitBytes)
      throw sourceInvalid(name, `unpacked it has more than ${limitBytes} bytes; split it into parts`);
    if (length > RATIO_FROM_BYTES && length > LARGEST_RATIO * storedBytes)
      throw sourceInvalid(
        name,
        `unpacked it is more than ${LARGEST_RATIO} times as large; unpack it and give what is in it`,
      );
    yield piece;
  }
}

/** Errors of both come out of the last stream; ending early ends the first. */
function through(packed: AsyncIterable<Buffer>, unpacking: Transform): AsyncIterable<Buffer> {
  return pipeline(streamOf(packed), unpacking, () => {});
}
