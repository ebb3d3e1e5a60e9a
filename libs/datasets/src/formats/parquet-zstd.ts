import { compressors as unbounded, decompressZstd } from 'hyparquet-compressors';

const MEBIBYTE = 1024 ** 2;
/** A frame says in its header how large it is, or how far back it may look, which is memory too. */
const LARGEST_WINDOW = 8 * MEBIBYTE;
/** Of frames that do not say how large they are. */
const MOST_UNSTATED = 32 * MEBIBYTE;
const BLOCK_BYTES = MEBIBYTE / 8;

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a5;
const RLE = 1;

/** Decompressors of pages, none of which writes more than the page is said to have, or the bounds here. */
export const compressors: typeof unbounded = {
  ...unbounded,
  ZSTD: (input, length) => {
    checkFrames(input, length);
    return decompressZstd(input);
  },
};

/**
 * Looks at the headers of all frames and blocks before anything is unpacked.
 *
 * @throws Error when the frames may have more bytes than the page
 */
export function checkFrames(input: Uint8Array, length: number): void {
  const reader = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let [at, stated, unstated] = [0, 0, 0];
  while (at < input.length) {
    const magic = reader.getUint32(at, true);
    if (magic >>> 4 === SKIPPABLE) {
      at += 8 + reader.getUint32(at + 4, true);
      continue;
    }
    if (magic !== MAGIC) throw new Error('invalid zstd data');
    const frame = readFrame(reader, at);
    const blocks = walkBlocks(reader, frame.blocksAt);
    if (frame.contentBytes !== null) stated += frame.contentBytes;
    else if (frame.windowBytes > LARGEST_WINDOW)
      throw new Error(`a zstd window of ${frame.windowBytes} bytes, and ${LARGEST_WINDOW} are the most`);
    else unstated += blocks.mostBytes;
    at = blocks.end + (frame.hasChecksum ? 4 : 0);
  }
  if (stated > length) throw new Error(`a page of ${length} bytes has ${stated}`);
  if (unstated > MOST_UNSTATED)
    throw new Error(`a page of zstd may have ${unstated} bytes, and ${MOST_UNSTATED} are the most`);
}

interface Frame {
  /** Null where the header does not say it. */
  readonly contentBytes: number | null;
  readonly windowBytes: number;
  readonly hasChecksum: boolean;
  readonly blocksAt: number;
}

/** RFC 8878, section 3.1.1.1. */
function readFrame(reader: DataView, start: number): Frame {
  const flags = reader.getUint8(start + 4);
  const isSingle = (flags & 32) !== 0;
  const sizeFlag = flags >> 6;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeAt = start + 5 + (isSingle ? 0 : 1) + dictionaryBytes;
  const sizeBytes = sizeFlag > 0 ? 2 ** sizeFlag : Number(isSingle);
  const contentBytes = readSize(reader, sizeAt, sizeBytes);
  const window = isSingle ? 0 : reader.getUint8(start + 5);
  const base = 2 ** (10 + (window >> 3));
  return {
    // A frame of nothing gets a window all the same.
    contentBytes: contentBytes === 0 && !isSingle ? null : contentBytes,
    windowBytes: base + (base / 8) * (window & 7),
    hasChecksum: (flags & 4) !== 0,
    blocksAt: sizeAt + sizeBytes,
  };
}

function readSize(reader: DataView, at: number, bytes: number): number | null {
  switch (bytes) {
    case 0:
      return null;
    case 1:
      return reader.getUint8(at);
    case 2:
      return reader.getUint16(at, true) + 256;
    case 4:
      return reader.getUint32(at, true);
    default:
      return Number(reader.getBigUint64(at, true));
  }
}

/** Each block counts as a whole one, which takes as long to unpack behind its window. */
function walkBlocks(reader: DataView, start: number): { readonly end: number; readonly mostBytes: number } {
  let [at, mostBytes, isLast] = [start, 0, false];
  while (!isLast) {
    const header = reader.getUint16(at, true) + reader.getUint8(at + 2) * 2 ** 16;
    isLast = (header & 1) !== 0;
    const isRle = ((header >> 1) & 3) === RLE;
    const size = header >> 3;
    mostBytes += Math.max(size, BLOCK_BYTES);
    at += 3 + (isRle ? 1 : size);
  }
  return { end: at, mostBytes };
}
