/** A catalog's id and a schedule's name: both are part of addresses, Redis keys and job ids. */
export const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const NAME_RULE = 'must be 1 to 63 of a-z, 0-9, _ and -, and start with a letter or digit';

/** True when `value` keeps `NAME_RULE`. */
export function isName(value: string): boolean {
  return NAME.test(value);
}

export const TEXT_RULE = 'must be well-formed Unicode without NUL';

/** PostgreSQL stores no NUL, and UTF-8 no lone surrogate: as U+FFFD it would equal another text. */
export function isText(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}

/** True when all texts within a JSON value are, names of members included. */
export function hasOnlyText(value: unknown): boolean {
  if (typeof value === 'string') return isText(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => isText(name) && hasOnlyText(member));
}

/** Path segments that clients and proxies resolve away. */
export const DOT_SEGMENTS = ['.', '..'];

export const MAX_EXTERNAL_ID_LENGTH = 512;
export const EXTERNAL_ID_RULE = idRule(MAX_EXTERNAL_ID_LENGTH);

export function idRule(maxLength: number): string {
  return `must be 1 to ${maxLength} characters of well-formed Unicode without NUL, and neither "." nor ".."`;
}

/**
 * True when `value` keeps the rule of ids of at most `maxLength` characters, each of which can be
 * part of an address.
 */
export function isId(value: string, maxLength: number): boolean {
  return value !== '' && hasAtMost(value, maxLength) && isText(value) && !DOT_SEGMENTS.includes(value);
}

/** True when `value` can be an external user or item id. */
export function isExternalId(value: string): boolean {
  return isId(value, MAX_EXTERNAL_ID_LENGTH);
}

/** A character is a code point, as in JSON Schema: at most two UTF-16 units. */
export function hasAtMost(value: string, characters: number): boolean {
  if (value.length <= characters) return true;
  return value.length <= 2 * characters && Array.from(value).length <= characters;
}
