import type { FastifyRequest } from 'fastify';
import type { ApiKey, Scope } from '#domain';
import { addRouteConfig } from '../common/route-config.js';

/**
 * Who may make a call where keys are needed: everyone, who has any valid key, or a key of the scope for the
 * catalog of the path. A scope without a catalog in the path takes a key for all catalogs.
 */
export type RouteAccess = 'everyone' | 'any-key' | Scope;

/** Whether a page may make a call with a key that anybody can read in it. */
interface PageAccess {
  /** Fields of the query that it may not send. */
  readonly without: readonly string[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    pages?: PageAccess;
    /** Whether reads are in the audit log too. */
    isAudited?: boolean;
    /** Flags of the query by which a call reads what a person did. */
    personalFlags?: readonly string[];
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

/** Lets keys for pages make a call of the scope `read`. */
export function OpenToPages(pages: PageAccess = { without: [] }): MethodDecorator {
  return addRouteConfig({ pages });
}

/** Writes each GET of what many rows of people are read by into the audit log, as changes are. */
export function Audited(): MethodDecorator {
  return addRouteConfig({ isAudited: true });
}

/** A call that sets one of these flags in its query takes the scope `people` beside its own. */
export function NeedsPeopleWith(...personalFlags: readonly string[]): MethodDecorator {
  return addRouteConfig({ personalFlags });
}

/** Whether a call reads what a person did by a flag of its query; a flag of no known value counts as set. */
export function isPersonal({ routeOptions, query }: FastifyRequest): boolean {
  const { personalFlags = [] } = routeOptions.config;
  const given = query as Readonly<Record<string, unknown>>;
  return personalFlags.some((name) => Object.hasOwn(given, name) && given[name] !== 'false');
}

export function isOpenToPages({ routeOptions, query }: FastifyRequest): boolean {
  const { pages } = routeOptions.config;
  return pages !== undefined && !pages.without.some((name) => Object.hasOwn(query as object, name));
}

/** Pages that a browser opens, which has no other way to send a key. */
export const PAGES = /^\/(metrics$|docs(-json|-yaml|\/|$)|queues(\/|$))/;
/**
 * Calls by which a page of ours changes something. They take JSON alone, which a page of another site cannot
 * send along with the password that the browser has kept.
 */
const CALLS_OF_PAGES = '/queues/api/*';

export function isPage({ routeOptions: { url = '' }, method }: FastifyRequest): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead ? PAGES.test(url) : url === CALLS_OF_PAGES;
}

export function accessTo(request: FastifyRequest): RouteAccess {
  const { access } = request.routeOptions.config;
  return access ?? (request.is404 || isPage(request) ? 'any-key' : 'admin');
}

const HEALTH = /^\/health\//;

/** Health and metrics, which are wanted most when the service is in trouble. */
export function isOfOperators(request: FastifyRequest): boolean {
  return HEALTH.test(request.routeOptions.url ?? '') || accessTo(request) === 'metrics';
}
