import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '#domain';

/** Types of bodies that some calls alone take, as streams. */
export interface StreamedBodies {
  readonly urls: readonly string[];
  readonly types: readonly string[];
  readonly maxBytes: number;
}

/**
 * All calls take JSON; every other type is refused where it has no meaning. JSON is read whole before it is
 * streamed to such a call, so it has the limit of JSON.
 */
export function readBodies(app: NestFastifyApplication, streamed: StreamedBodies): void {
  const { urls, types, maxBytes } = streamed;
  const isStreamed = ({ routeOptions }: FastifyRequest) => urls.includes(routeOptions.url ?? '');
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (isStreamed(request)) done(null, Readable.from([body]));
    // What is not UTF-8 would become U+FFFD, and one id equal another.
    else if (!isUtf8(body)) done(new DomainError('malformed-body', 'The body is not UTF-8'));
    else void parseJson(request, body.toString(), done);
  });
  const others = types.filter((type) => type !== 'application/json');
  fastify.addContentTypeParser(others, { bodyLimit: maxBytes }, (request, payload, done) => {
    if (isStreamed(request)) done(null, payload);
    else done(unsupported(['application/json']));
  });
}

function unsupported(types: readonly string[]): DomainError {
  return new DomainError('unsupported-media-type', `Send ${types.join(', ')}`);
}
