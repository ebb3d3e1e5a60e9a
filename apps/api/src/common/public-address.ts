import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '#config';

declare module 'fastify' {
  interface FastifyRequest {
    /** What callers put before the path of a call: origin, prefix, both or nothing. */
    readonly publicBase: string;
  }
}

type Addressing = Pick<Environment, 'PUBLIC_URL' | 'TRUST_PROXY'>;

/** Segments of a path. What begins with `//` would lead to another host. */
const PREFIX = /^(\/[\w.~!$&'()*+,;=:@%-]+)+$/;
const HOST = /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

/** Tells each request by which address its caller reaches the service. */
export function knowPublicAddress(app: NestFastifyApplication, environment: Addressing): void {
  app
    .getHttpAdapter()
    .getInstance()
    .decorateRequest('publicBase', {
      getter(this: FastifyRequest) {
        return environment.PUBLIC_URL || forwardedBase(this, environment);
      },
    });
}

/** Names the address of what a call has made. @param path from the root of the service */
export function sendLocation(reply: FastifyReply, path: string): void {
  void reply.header('location', reply.request.publicBase + path);
}

/** The document with the address at which its reader calls the service. */
export function withServer({ publicBase }: FastifyRequest, document: OpenAPIObject): OpenAPIObject {
  return publicBase === '' ? document : { ...document, servers: [{ url: publicBase }] };
}

/** What the nearest proxy says, if it is trusted; anybody else may say anything. */
function forwardedBase({ headers, raw, protocol }: FastifyRequest, { TRUST_PROXY }: Addressing): string {
  const peer = raw.socket.remoteAddress;
  if (TRUST_PROXY === null || peer === undefined || !TRUST_PROXY(peer, 0)) return '';
  const host = lastOf(headers['x-forwarded-host']);
  const prefix = lastOf(headers['x-forwarded-prefix']).replace(/\/$/, '');
  const origin = HOST.test(host) && /^https?$/.test(protocol) ? `${protocol}://${host}` : '';
  return origin + (PREFIX.test(prefix) ? prefix : '');
}

/** A proxy may append its own value to what its client has sent. */
function lastOf(header: string | string[] | undefined): string {
  return [header ?? ''].flat().at(-1)!.split(',').at(-1)!.trim();
}
