import { z } from 'zod';
import { LIMITS, MAX_EXTERNAL_ID_LENGTH, readRecommendationId, schemas } from '#domain';
import { modelRegistry } from '#models';

/** Fields that many requests share. */
export const { externalId, interactionType, name, parameters, text, time, weight } = schemas;

export const catalogName = name.meta({ example: 'default' });

/** An id that the service has made; what is none is not found. */
export const madeId = text(64, 1);

/** What an answer has issued. Whether its model is still there is not asked. */
export const recommendationId = z
  .string()
  .max(64)
  .refine((text) => readRecommendationId(text) !== null, { message: 'must be one that an answer had' })
  .meta({ pattern: '^[A-Za-z0-9_-]{40}$' });

export const k = z.coerce.number().int().min(1).max(LIMITS.k);

/** Which kind of model. One that there is not is refused by the registry, which names all. */
export const modelKind = z
  .string()
  .max(64)
  .meta({ description: 'kind of model', enum: [...modelRegistry.keys()], maxLength: undefined });

/** What texts of a list are to begin with. */
export const searchText = text(MAX_EXTERNAL_ID_LENGTH, 1).optional();

/** What every cursor looks like. */
export const CURSOR = '^[A-Za-z0-9_-]+$';

export const pageQuery = z.strictObject({
  cursor: z
    .string()
    .max(4_096)
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
