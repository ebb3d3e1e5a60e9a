import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { bearerOf, KeyRing, passwordOf, refuseOtherSites } from '#access';
import { type Environment } from '#config';
import { DomainError, isForCatalog, mayCall, mayCallFromPage, type ApiKey, type Scope } from '#domain';
import { accessTo, isOpenToPages, isPage, isPersonal, type RouteAccess } from './route-access.js';

/** Finds out whose key a call has. */
export function recogniseCallers(app: NestFastifyApplication): void {
  const ring = app.get(KeyRing);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('apiKey', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.apiKey = ring.findValid(tokenOf(request));
    done();
  });
}

/** Lets callers in, or refuses them, before anything of their call is looked at. */
export function admitCallers(app: NestFastifyApplication, { HOST }: Environment): void {
  const ring = app.get(KeyRing);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, _reply, done) => {
      try {
        admit(request, ring, HOST);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
}

/** @throws DomainError `key-needed`, `not-allowed`, `host-not-allowed` */
function admit(request: FastifyRequest, ring: KeyRing, listensOn: string): void {
  const access = accessTo(request);
  if (access === 'everyone') {
    // A key that anybody can read in a page tells nothing about its caller.
    if (request.apiKey?.origins) request.apiKey = null;
    return;
  }
  if (ring.isOpen) {
    refuseOtherSites(request.headers, listensOn);
    return;
  }
  const key = request.apiKey;
  if (!key) throw keyNeeded(request, ring);
  if (key.origins !== null) refuseOtherPages(key, request);
  else refuseOtherScopes(key, access, request);
  ring.noteUse(key);
}

function tokenOf(request: FastifyRequest): string | null {
  const { authorization } = request.headers;
  return bearerOf(authorization) ?? (isPage(request) ? passwordOf(authorization) : null);
}

/** @throws DomainError `not-allowed` unless the key has all scopes of the call */
function refuseOtherScopes(
  key: ApiKey,
  access: Exclude<RouteAccess, 'everyone'>,
  request: FastifyRequest,
): void {
  if (access === 'any-key') return;
  const scopes: readonly Scope[] = isPersonal(request) ? [access, 'people'] : [access];
  const missing = scopes.find((scope) => !mayCall(key, scope, catalogOf(request)));
  if (missing !== undefined) throw notAllowed(missing, request);
}

/** @throws DomainError `not-allowed` unless a page that the key is for may make the call */
function refuseOtherPages(key: ApiKey, request: FastifyRequest): void {
  const catalog = catalogOf(request);
  if (catalog === null || !isOpenToPages(request))
    throw new DomainError('not-allowed', 'The key is for pages, which may not make this call');
  if (!isForCatalog(key, catalog))
    throw new DomainError('not-allowed', `The key is not for the catalog "${catalog}"`);
  if (!mayCallFromPage(key, catalog, request.headers.origin))
    throw new DomainError(
      'not-allowed',
      'The key is for pages of certain origins, and Origin is none of them',
    );
}

function catalogOf({ params }: FastifyRequest): string | null {
  return (params as { readonly catalog?: string } | undefined)?.catalog ?? null;
}

/** Only who has the secret is told more than that it does not open. */
function keyNeeded(request: FastifyRequest, ring: KeyRing): DomainError {
  const token = tokenOf(request);
  const detail =
    token === null
      ? 'Send a key: "Authorization: Bearer sparserec_…"'
      : ring.find(token)
        ? 'The key has expired or was revoked'
        : 'The key is none of this service';
  return new DomainError('key-needed', detail);
}

function notAllowed(scope: string, request: FastifyRequest): DomainError {
  const catalog = catalogOf(request);
  const of = catalog === null ? 'all catalogs' : `the catalog "${catalog}"`;
  return new DomainError('not-allowed', `The call takes a key of the scope ${scope} for ${of}`);
}
