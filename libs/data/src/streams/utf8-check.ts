import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';

/**
 * Passes bytes on that are UTF-8. A parser would read others as U+FFFD, so that two ids could become one.
 *
 * @param refuse makes the error that the stream fails with, from the line with the first byte that is not
 * UTF-8, counted from 1
 */
export function checkUtf8(stream: Readable, refuse: (line: number, reason: string) => Error): Readable {
  return Readable.from(
    checkedChunks(stream, (line) => refuse(line, 'not valid UTF-8')),
    {
      objectMode: false,
    },
  );
}

async function* checkedChunks(stream: Readable, refuse: (line: number) => Error): AsyncGenerator<Buffer> {
  let line = 1;
  let begun = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([begun, chunk]);
    const end = bytes.length - lengthOfUnfinished(bytes);
    const whole = bytes.subarray(0, end);
    begun = bytes.subarray(end);
    const texts = whole.toString('latin1').split('\n');
    if (!isUtf8(whole)) throw refuse(line + texts.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1'))));
    line += texts.length - 1;
    yield whole;
  }
  if (begun.length > 0) throw refuse(line);
}

/** How many of the last bytes begin a character of which more is to come. */
function lengthOfUnfinished(bytes: Buffer): number {
  const tail = bytes.subarray(-3);
  const start = tail.findLastIndex((byte) => byte >= 0xc0);
  if (start === -1) return 0;
  const length = tail.length - start;
  return length < lengthOfCharacter(tail[start]!) ? length : 0;
}

function lengthOfCharacter(firstByte: number): number {
  if (firstByte >= 0xf0) return 4;
  return firstByte >= 0xe0 ? 3 : 2;
}
