import { Transform } from 'node:stream';
import { DomainError } from '@app/domain';

/** Passes bytes on until there are too many. */
export function limitBytes(limitBytes: number): Transform {
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
