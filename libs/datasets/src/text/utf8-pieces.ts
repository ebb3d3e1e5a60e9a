import { isUtf8 } from 'node:buffer';

const NOTHING = Buffer.alloc(0);

/** Bytes of UTF-8 in pieces that end with a whole character. */
export class Utf8Pieces {
  #rest: Buffer = NOTHING;

  /** Whole characters up to the end of `chunk`, or null if it is no UTF-8. */
  next(chunk: Buffer): Buffer | null {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - unfinishedBytes(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) return null;
    this.#rest = end === bytes.length ? NOTHING : Buffer.from(bytes.subarray(end));
    return whole;
  }

  get isComplete(): boolean {
    return this.#rest.length === 0;
  }
}

/** How many bytes at the end begin a character that goes on behind them. */
function unfinishedBytes(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length]!;
    if (byte >= 0xc0) return lengthOfCharacter(byte) > length ? length : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function lengthOfCharacter(firstByte: number): number {
  if (firstByte >= 0xf0) return 4;
  return firstByte >= 0xe0 ? 3 : 2;
}
