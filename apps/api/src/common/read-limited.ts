import { finished, Transform, type Readable } from 'node:stream';
import { DomainError } from '#domain';

const MEBIBYTE = 1024 * 1024;

/** Reads a streamed body. @throws DomainError `body-too-large` */
export async function readLimited<Result>(
  body: Readable,
  limitMb: number,
  read: (limited: Readable) => Promise<Result>,
): Promise<Result> {
  const limited = limitBytes(limitMb * MEBIBYTE);
  // Also of a body that was broken off before this.
  finished(body, { writable: false }, (error) => {
    if (error) limited.destroy(error);
  });
  // Whoever reads is told of an error. Before and after that nobody reads, and it must not end the process.
  limited.on('error', () => undefined);
  // What a refused import has not read would block the connection for the next request.
  return read(body.pipe(limited)).finally(() => body.unpipe(limited).resume());
}

/** Passes bytes on until there are too many. */
function limitBytes(limitBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= limitBytes) done(null, chunk);
      else
        done(new DomainError('body-too-large', `An import may have ${limitBytes} bytes (IMPORT_LIMIT_MB)`));
    },
  });
}
