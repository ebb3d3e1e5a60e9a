import { includesScope, type Scope } from './scope.js';

/** How long a key goes on to be valid beside the one that was made in its place. */
export const KEY_OVERLAP_SECONDS = { default: 3_600, max: 30 * 86_400 };

/** Of a limit of calls. */
export const MAX_CALLS_PER_SECOND = 1_000_000;

/** A key by which callers are let in. Its secret is shown once, and stored as a hash. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The catalogs that it is for; null: all, and what belongs to none. */
  readonly catalogs: readonly string[] | null;
  /** Origins of the pages that it is shipped in, where anybody can read it; null: it is kept secret. */
  readonly origins: readonly string[] | null;
  /** That it may make, or that each visitor of its pages may make; null: what the service is set to. */
  readonly callsPerSecond: number | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export function isValid({ expiresAt, revokedAt }: ApiKey, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

export function isForCatalog({ catalogs }: ApiKey, catalogId: string): boolean {
  return catalogs === null || catalogs.includes(catalogId);
}

/**
 * Whether a key may make a call of a scope; never one for pages, see {@link mayCallFromPage}.
 *
 * @param catalogId null for a call that is of no catalog, or of all
 */
export function mayCall(key: ApiKey, scope: Scope, catalogId: string | null): boolean {
  if (key.origins !== null || !includesScope(key.scopes, scope)) return false;
  return catalogId === null ? key.catalogs === null : isForCatalog(key, catalogId);
}

/** Whether a caller may read what a person of the catalog did. @param key null where none is needed */
export function mayReadPeople(key: ApiKey | null, catalogId: string): boolean {
  return key === null || mayCall(key, 'people', catalogId);
}

/**
 * Whether a key may make a call that is open to pages from a page of this origin. A browser says the origin
 * of every page that is not of the service itself; others may say what they like.
 */
export function mayCallFromPage(key: ApiKey, catalogId: string, origin: string | undefined): boolean {
  return origin !== undefined && key.origins?.includes(origin) === true && isForCatalog(key, catalogId);
}
