import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { applyDecorators } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiConsumes } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#domain';
import { addRouteConfig } from './route-config.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    takesMergePatch?: boolean;
  }
}

const RESERVED_NAMES = 'No field may be called `__proto__`, nor `prototype` where it is within `constructor`';
const JSON_TYPE = 'application/json';
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';
const JSON_TYPES = [JSON_TYPE, MERGE_PATCH_TYPE];

/** A call whose body is a merge patch (RFC 7396): its own type of content and JSON are taken. */
export function MergePatched(): MethodDecorator {
  return applyDecorators(addRouteConfig({ takesMergePatch: true }), ApiConsumes(...JSON_TYPES));
}

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
  const parseJson = jsonParser(fastify);
  fastify.addContentTypeParser<Buffer>(JSON_TYPES, { parseAs: 'buffer' }, (request, body, done) => {
    if (isMergePatch(request) && request.routeOptions.config.takesMergePatch !== true)
      done(unsupported([JSON_TYPE]));
    else if (isStreamed(request)) done(null, Readable.from([body]));
    // What is not UTF-8 would become U+FFFD, and one id equal another.
    else if (!isUtf8(body)) done(new DomainError('malformed-body', 'The body is not UTF-8'));
    else parseJson(body.toString(), done);
  });
  const others = types.filter((type) => type !== JSON_TYPE);
  fastify.addContentTypeParser(others, { bodyLimit: maxBytes }, (request, payload, done) => {
    if (isStreamed(request)) done(null, payload);
    else done(unsupported([JSON_TYPE]));
  });
}

type Done = (error: Error | null, body?: unknown) => void;

/** Fastify's, which says of valid JSON too that it is none, where a name in it is reserved. */
function jsonParser(fastify: FastifyInstance): (text: string, done: Done) => void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  return (text, done) =>
    void parse({} as FastifyRequest, text, (error, body) => {
      if (error && isJson(text)) done(new DomainError('malformed-body', RESERVED_NAMES));
      else done(error, body);
    });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isMergePatch({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === MERGE_PATCH_TYPE;
}

function unsupported(types: readonly string[]): DomainError {
  return new DomainError('unsupported-media-type', `Send ${types.join(', ')}`);
}
