import { Transform } from 'node:stream';

/** Passes bytes on. It is destroyed when no other chunk passes for too long after one: nobody takes them. */
export function untilIdle(idleMs: number): Transform {
  let idle: NodeJS.Timeout | undefined;
  const passing = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      idle ??= setTimeout(() => passing.destroy(new Error(`Nothing was taken for ${idleMs} ms`)), idleMs);
      idle.refresh();
      done(null, chunk);
    },
    destroy(error, done) {
      clearTimeout(idle);
      done(error);
    },
  });
  return passing;
}
