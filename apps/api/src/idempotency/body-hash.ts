import { createHash, type Hash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest, preParsingHookHandler } from 'fastify';
import { IDEMPOTENCY_HEADER } from './idempotency-header.js';

const HASHED = ['POST', 'PATCH', 'DELETE'];
const hashes = new WeakMap<FastifyRequest, Hash>();

/**
 * Hashes the bodies of calls with a key as they pass, before anybody parses them. To be called before
 * the routes are made.
 */
export function hashIdempotentBodies(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if ([route.method].flat().some((method) => HASHED.includes(method)))
        route.preParsing = [...[route.preParsing ?? []].flat(), hashBody];
    });
}

const hashBody: preParsingHookHandler = (request, reply, payload, done) => {
  if (request.headers[IDEMPOTENCY_HEADER] === undefined) {
    done(null, payload);
    return;
  }
  const hash = createHash('sha256').update(describeCall(request));
  hashes.set(request, hash);
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, passOn) {
      hash.update(chunk);
      passOn(null, chunk);
    },
  });
  payload.on('error', (error) => hashed.destroy(error));
  // Whoever reads is told of an error. While nobody reads, it must not end the process.
  hashed.on('error', () => undefined);
  // What a refused call has not read would block the connection for the next request.
  reply.raw.once('finish', () => payload.unpipe(hashed).resume());
  done(null, payload.pipe(hashed));
};

/** SHA-256 of a call with a key and of what was read of its body. */
export function fingerprintOf(request: FastifyRequest): Buffer {
  const hash = hashes.get(request);
  if (!hash) throw new Error('The body of this request was not hashed');
  return hash.copy().digest();
}

/** A line that no other call has. */
function describeCall({ method, url, headers }: FastifyRequest): string {
  return `${JSON.stringify([method, url, headers['content-type'] ?? ''])}\n`;
}
