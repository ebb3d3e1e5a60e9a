import { z } from 'zod';
import {
  DOT_SEGMENTS,
  hasAtMost,
  idRule,
  isId,
  isText,
  MAX_EXTERNAL_ID_LENGTH,
  NAME,
  NAME_RULE,
  TEXT_RULE,
} from '../ids.js';
import { EARLIEST_OCCURRED_AT, LATEST_OCCURRED_AT, LIMITS } from '../limits.js';

/** Fields that requests and files of settings share. */

/**
 * Lone surrogates, which no regular expression without flags can tell, are refused beside what is documented.
 */
const NO_NUL = '^[^\\u0000]*$';

/** A text that can be stored. */
export const text = (maxLength: number, minLength = 0) =>
  z
    .string()
    .refine((value) => value.length >= minLength && hasAtMost(value, maxLength), {
      message: `must be ${minLength} to ${maxLength} characters`,
    })
    .refine(isText, { message: TEXT_RULE })
    .meta({ ...(minLength > 0 && { minLength }), maxLength, pattern: NO_NUL });

const id = (maxLength: number) =>
  z
    .string()
    .refine((value) => isId(value, maxLength), { message: idRule(maxLength) })
    .meta({ minLength: 1, maxLength, pattern: NO_NUL, not: { enum: DOT_SEGMENTS } });

export const externalId = id(MAX_EXTERNAL_ID_LENGTH);
export const interactionType = id(LIMITS.interactionTypeLength);
export const name = z.string().regex(NAME, { message: NAME_RULE });
/** When something happened. */
export const time = z.iso.datetime({ offset: true }).refine(
  (text) => {
    const date = new Date(text);
    return date >= EARLIEST_OCCURRED_AT && date <= LATEST_OCCURRED_AT;
  },
  { message: 'must be between the years 1900 and 2200' },
);

/** Up to here float32 rounds to 0. */
const LARGEST_ZERO = 2 ** -150;

/** Kept as float32, so what would become 0 is refused. */
export const weight = z
  .number()
  .gt(LARGEST_ZERO, { message: 'must be greater than 0 in float32' })
  .max(LIMITS.weight);

const PARAMETER_NAME_LENGTH = 64;

export const parameters = z.record(
  z.string().max(PARAMETER_NAME_LENGTH),
  z.union([z.number(), z.string().max(256), z.boolean()]),
  { error: keyRule(PARAMETER_NAME_LENGTH) },
);

/** What an object with free names says of one that is too long. */
export function keyRule(length: number) {
  return ({ code }: { readonly code?: string }): string | undefined =>
    code === 'invalid_key' ? `a name must be at most ${length} characters long` : undefined;
}
