import type { Source } from '../sources/source.js';
import { strictDecoder, UndecodableError, type Decoder } from './decoder.js';
import type { Encoding } from './encoding.js';
import { LineCounter } from './line-ends.js';

/**
 * Number of the first line with bytes that are no text. The source is read again: chunk by chunk up to
 * `fromByte`, from there byte by byte.
 */
export async function findFaultyLine(source: Source, encoding: Encoding, fromByte: number): Promise<number> {
  const decoder = strictDecoder(encoding);
  const lines = new LineCounter();
  let readBytes = 0;
  for await (const chunk of source.open()) {
    for (const bytes of readBytes < fromByte ? [chunk] : singleBytes(chunk)) {
      const text = decodeIfText(decoder, bytes);
      if (text === null) return lines.current;
      lines.add(text);
    }
    readBytes += chunk.length;
  }
  return lines.current;
}

function decodeIfText(decoder: Decoder, bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof UndecodableError) return null;
    throw error;
  }
}

function* singleBytes(chunk: Buffer): Generator<Buffer> {
  for (const byte of chunk) yield Buffer.of(byte);
}
