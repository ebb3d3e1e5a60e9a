import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { applyDecorators } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, onSendHookHandler } from 'fastify';
import { documentHeaders } from './document-headers.js';
import { addRouteConfig } from './route-config.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    isRevalidated?: boolean;
  }
}

const ETAG = { ETag: { description: 'for `If-None-Match`', schema: { type: 'string' } } };
const DOCUMENTS = /^\/docs-(json|yaml)$/;

/** A read of what seldom changes: who has the answer gets a 304. Stands above what documents its answers. */
export function Revalidated(): MethodDecorator {
  return applyDecorators(
    addRouteConfig({ isRevalidated: true }),
    ApiHeader({
      name: 'If-None-Match',
      description: '`ETag` of the answer that the client has',
      required: false,
      schema: { type: 'string' },
    }),
    ApiResponse({ status: 304, description: 'the client has the answer' }),
    documentHeaders(ETAG),
  );
}

/**
 * Sends an ETag with answers of the routes that are `@Revalidated()`, and with the OpenAPI document. The
 * plugin @fastify/etag would do it on all routes, lists of recommendations included.
 */
export function revalidateAnswers(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    if (route.config?.isRevalidated !== true && !DOCUMENTS.test(route.url)) return;
    // First of all, since HEAD takes the answer away.
    if (['GET', 'HEAD'].includes(String(route.method)))
      route.onSend = [sendEtag, ...[route.onSend ?? []].flat()];
  });
}

/** The hash of an answer that has no ETag of its own; weak, since a proxy may compress the answer. */
const sendEtag: onSendHookHandler = (request, reply, payload, done) => {
  if (reply.statusCode !== 200 || typeof payload !== 'string') {
    done(null, payload);
    return;
  }
  const etag = ownEtag(reply) ?? `W/"${createHash('sha256').update(payload).digest('base64url')}"`;
  void reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (!isEtagAmong(request.headers['if-none-match'] ?? '', etag)) {
    done(null, payload);
    return;
  }
  void reply.status(304).removeHeader('content-type');
  // Of HEAD Fastify would count the bytes of a text.
  done(null, request.method === 'HEAD' ? Readable.from([]) : null);
};

function ownEtag(reply: FastifyReply): string | undefined {
  const etag = reply.getHeader('etag');
  return typeof etag === 'string' ? etag : undefined;
}

/** Whether `If-None-Match` names the state that the caller would get. */
export function isEtagAmong(header: string, etag: string): boolean {
  const strong = (one: string) => one.trim().replace(/^W\//, '');
  return header.split(',').some((part) => ['*', strong(etag)].includes(strong(part)));
}
