import type { ParquetParsers } from 'hyparquet';

/** Stands for a text whose bytes are not UTF-8: read as U+FFFD, two ids could become one. */
const UNDECODABLE = Symbol('undecodable');

/** Every character counts, the first one too: U+FEFF is no byte order mark within a value. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array | undefined): string | symbol | undefined {
  if (!bytes) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return UNDECODABLE;
  }
}

/** How text is read, in place of hyparquet's own way, which repairs it. */
export const parquetParsers: Pick<ParquetParsers, 'stringFromBytes' | 'jsonFromBytes'> = {
  stringFromBytes: decode,
  jsonFromBytes(bytes) {
    const text = decode(bytes);
    return typeof text === 'string' ? (JSON.parse(text) as unknown) : text;
  },
};

/** Whether a value is such a text, or has one in it. */
export function isUndecodable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === UNDECODABLE;
  return Object.values(value).some(isUndecodable);
}
