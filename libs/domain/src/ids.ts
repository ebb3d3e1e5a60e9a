const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** What a catalog's id and a schedule's name must be: both are part of addresses, Redis keys and job ids. */
export const NAME_RULE = 'must be 1 to 63 of a-z, 0-9, _ and -, and start with a letter or digit';

/** True when `value` keeps `NAME_RULE`. */
export function isName(value: string): boolean {
  return NAME.test(value);
}

/** External user and item ids are any text of 1 to 512 characters without a NUL (Postgres cannot store one). */
export const MAX_EXTERNAL_ID_LENGTH = 512;

/** True when `value` can be an external user or item id. */
export function isExternalId(value: string): boolean {
  return value.length > 0 && value.length <= MAX_EXTERNAL_ID_LENGTH && !value.includes('\0');
}
