import { isUtf8 } from 'node:buffer';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DomainError } from '#domain';

/** Types of bodies that one call alone takes, as streams. */
export interface StreamedBodies {
  readonly url: string;
  readonly types: readonly string[];
  readonly maxBytes: number;
}

/** All calls take JSON; every other type is refused where it has no meaning. */
export function readBodies(app: NestFastifyApplication, streamed: StreamedBodies): void {
  const { url, types, maxBytes } = streamed;
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // What is not UTF-8 would become U+FFFD, and one id equal another.
    if (request.routeOptions.url === url) done(unsupported(types));
    else if (!isUtf8(body)) done(new DomainError('malformed-body', 'The body is not UTF-8'));
    else void parseJson(request, body.toString(), done);
  });
  fastify.addContentTypeParser([...types], { bodyLimit: maxBytes }, (request, payload, done) => {
    if (request.routeOptions.url === url) done(null, payload);
    else done(unsupported(['application/json']));
  });
}

function unsupported(types: readonly string[]): DomainError {
  return new DomainError('unsupported-media-type', `Send ${types.join(', ')}`);
}
