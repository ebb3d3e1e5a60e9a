import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { KeyRing } from '#access';
import type { Environment } from '#config';

/** What a page of another origin may send, and read beside the body. Browsers ask anew after two hours. */
const ALLOWED: FastifyCorsOptions = {
  methods: ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'],
  exposedHeaders: [
    ...['Allow', 'ETag', 'Idempotent-Replayed', 'Location'],
    ...['RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
  ],
  maxAge: 7_200,
};

/**
 * Lets pages of some origins read answers, refusals included: those of CORS_ORIGINS, and those that have a
 * valid key for pages. Answers a preflight, which carries no key: so callers are let in only after this.
 */
export function answerOtherOrigins(app: NestFastifyApplication, { CORS_ORIGINS }: Environment): void {
  const ring = app.get(KeyRing);
  const origins = new Set(CORS_ORIGINS);
  const isAllowed = (origin: string) => origins.has(origin) || ring.isOriginOfPages(origin);
  const fastify = app.getHttpAdapter().getInstance();
  // The plugin's own route is for addresses that are none.
  fastify.addHook('onRoute', (route) => {
    if (route.url === '*') route.config = { ...route.config, access: 'any-key' };
  });
  void fastify.register(cors, {
    delegator: (request: FastifyRequest, done) => {
      const { origin } = request.headers;
      const allowed = origin !== undefined && isAllowed(origin) && [origin];
      done(null, { ...ALLOWED, origin: allowed, preflight: isPreflight(request) });
    },
  });
}

/** Other OPTIONS ask for the methods of an address, which takes a key. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
