import type { JsonObject } from '../item.js';
import type { Consent } from './consent.js';

/** What a caller may set on a user. */
export interface UserAttributes {
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
}

/** A user as an import brings it; what the file does not say of consent stays as it is. */
export interface ImportedUser extends UserAttributes, Partial<Consent> {
  readonly userId: string;
}

/** What a boost can read of a user: never empty. */
export interface UserTraits {
  readonly tags: ReadonlySet<string>;
  /** Members at the top of the metadata that are numbers, or true as 1. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** @returns undefined where a boost can read nothing */
export function traitsOf({ tags, metadata }: UserAttributes): UserTraits | undefined {
  const numbers = new Map(
    Object.entries(metadata).flatMap(([name, value]): [string, number][] =>
      value === true || (typeof value === 'number' && Number.isFinite(value)) ? [[name, Number(value)]] : [],
    ),
  );
  return tags.length + numbers.size > 0 ? { tags: new Set(tags), numbers } : undefined;
}
