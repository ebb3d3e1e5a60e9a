import { z } from 'zod';
import {
  DOT_SEGMENTS,
  EARLIEST_OCCURRED_AT,
  hasAtMost,
  idRule,
  isId,
  isText,
  LATEST_OCCURRED_AT,
  LIMITS,
  MAX_EXTERNAL_ID_LENGTH,
  NAME,
  NAME_RULE,
  readRecommendationId,
  TEXT_RULE,
} from '#domain';
import { modelRegistry } from '#models';

/** Fields that many requests share. */

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
export const catalogName = name.meta({ example: 'default' });

/** An id that the service has made; what is none is not found. */
export const madeId = text(64, 1);

/** When something happened. */
export const time = z.iso.datetime({ offset: true }).refine(
  (text) => {
    const date = new Date(text);
    return date >= EARLIEST_OCCURRED_AT && date <= LATEST_OCCURRED_AT;
  },
  { message: 'must be between the years 1900 and 2200' },
);

/** What an answer has issued. Whether its model is still there is not asked. */
export const recommendationId = z
  .string()
  .max(64)
  .refine((text) => readRecommendationId(text) !== null, { message: 'must be one that an answer had' })
  .meta({ pattern: '^[A-Za-z0-9_-]{40}$' });

/** Up to here float32 rounds to 0. */
const LARGEST_ZERO = 2 ** -150;

/** Kept as float32, so what would become 0 is refused. */
export const weight = z
  .number()
  .gt(LARGEST_ZERO, { message: 'must be greater than 0 in float32' })
  .max(LIMITS.weight);

export const k = z.coerce.number().int().min(1).max(LIMITS.k);

/** Which kind of model. One that there is not is refused by the registry, which names all. */
export const modelKind = z
  .string()
  .max(64)
  .meta({ description: 'kind of model', enum: [...modelRegistry.keys()], maxLength: undefined });

export const parameters = z.record(
  z.string().max(64),
  z.union([z.number(), z.string().max(256), z.boolean()]),
);

/** What every cursor looks like. */
export const CURSOR = '^[A-Za-z0-9_-]+$';

export const pageQuery = z.strictObject({
  cursor: z
    .string()
    .max(1024)
    .optional()
    .meta({ description: '`nextCursor` of the page before', pattern: CURSOR }),
  limit: z.coerce.number().int().min(1).max(LIMITS.pageSize).default(100),
});
export type PageQuery = z.infer<typeof pageQuery>;

export const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

const numberText = z
  .string()
  .max(32)
  .regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, { message: 'must be a number' });

/**
 * A number in a query. It is read as text, since `Number` takes more for one, and documented as the
 * number that it is.
 */
export const queryNumber = (schema: z.ZodNumber) =>
  numberText
    .transform(Number)
    .pipe(schema)
    .meta({
      ...z.toJSONSchema(schema, { target: 'openapi-3.0' }),
      maxLength: undefined,
      pattern: undefined,
    });

/** A parameter of a query that is given once or repeated. */
export const repeated = <Schema extends z.ZodType<string>>(schema: Schema, max: number) =>
  z
    .union([schema, z.array(schema).max(max)])
    .default([])
    .transform((values) => [values].flat());

/** JSON in a query; as in a body, `__proto__` is refused. */
export const jsonText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text, (key, value: unknown) => {
          if (key === '__proto__') throw new SyntaxError();
          return value;
        });
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON, URL-encoded' });
        return z.NEVER;
      }
    });
