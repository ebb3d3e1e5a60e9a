/** The catalog that exists from the start. */
export const DEFAULT_CATALOG_ID = 'default';

/** Catalog ids are part of URLs, Redis keys and job ids, so they are plain: a letter or digit, then up to 62 of `a-z 0-9 _ -`. */
export const CATALOG_ID_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** External user and item ids are any text of 1 to 512 characters without a NUL (Postgres cannot store one). */
export const MAX_EXTERNAL_ID_LENGTH = 512;

/** True when `value` can be an external user or item id. */
export function isExternalId(value: string): boolean {
  return value.length > 0 && value.length <= MAX_EXTERNAL_ID_LENGTH && !value.includes('\0');
}
