import type { FastifyRequest } from 'fastify';
import type { ApiKey, Scope } from '#domain';
import { addRouteConfig } from '../common/route-config.js';

/**
 * Who may make a call where keys are needed: everyone, who has any valid key, or a key of the scope for the
 * catalog of the path. A scope without a catalog in the path takes a key for all catalogs.
 */
export type RouteAccess = 'everyone' | 'any-key' | Scope;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Of the caller; null where none is needed. */
    apiKey: ApiKey | null;
  }
}

/** Says who may make a call. Without it only a key of the scope `admin` for all catalogs may. */
export function Access(access: RouteAccess): MethodDecorator {
  return addRouteConfig({ access });
}

/** Pages that a browser opens, which has no other way to send a key. */
export const PAGES = /^\/(metrics$|docs(-json|-yaml|\/|$))/;

export function isPage({ routeOptions, method }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && PAGES.test(routeOptions.url ?? '');
}

export function accessTo(request: FastifyRequest): RouteAccess {
  const { access } = request.routeOptions.config;
  return access ?? (request.is404 || isPage(request) ? 'any-key' : 'admin');
}

/** Health and metrics, which are wanted most when the service is in trouble. */
export function isOfOperators(request: FastifyRequest): boolean {
  const access = accessTo(request);
  return access === 'everyone' || access === 'metrics';
}
