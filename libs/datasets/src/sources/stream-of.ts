import { Readable } from 'node:stream';

/** A stream of copies: it reads ahead, and a piece of a source is valid only until the next one. */
export function streamOf(pieces: AsyncIterable<Buffer>): Readable {
  const copied = async function* () {
    for await (const piece of pieces) yield Buffer.from(piece);
  };
  return Readable.from(copied(), { objectMode: false });
}
