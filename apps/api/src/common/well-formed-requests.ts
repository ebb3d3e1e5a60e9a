import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DomainError } from '#domain';
import type { FastifyRequest } from 'fastify';

/** Refuses what Node and Fastify take as it comes, or refuse by an answer that is no problem document. */
export function refuseMalformedRequests(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const fault = faultOf(request);
    if (fault === null) done();
    else done(new DomainError('malformed-request', fault));
  });
  // Node answers an expectation that it does not know by a bare 417; a server may ignore it (RFC 9110, 10.1.1).
  fastify.server.on('checkExpectation', (request, response) =>
    fastify.server.emit('request', request, response),
  );
}

function faultOf({ url, raw }: FastifyRequest): string | null {
  if (raw.headers.host === undefined && raw.httpVersion === '1.1') return 'The request has no Host';
  return isPercentEncoded(url) ? null : 'The query is not percent-encoded UTF-8';
}

/** A broken escape would be taken as it stands, and so equal the same text that was escaped. */
function isPercentEncoded(url: string): boolean {
  if (!url.includes('%')) return true;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
