import { LRUCache } from 'lru-cache';
import { z } from 'zod';

type Shape = Readonly<Record<string, z.ZodType>>;
type Check = (value: never, context: z.RefinementCtx) => void;

/** Which parameters of a query are given together: clients ask in a few ways. */
const MAX_COMBINATIONS = 100;

const quick = new WeakMap<object, (query: object) => object | null>();

/**
 * A query with checks of what must not be said together. Most parameters are absent, and `readQuickly` does
 * not look at them.
 */
export function querySchema<Parameters extends Shape>(
  parameters: Parameters,
  ...checks: ((value: z.output<z.ZodObject<Parameters, z.core.$strict>>, context: z.RefinementCtx) => void)[]
) {
  const schema = checks.reduce((checked, check) => checked.superRefine(check), z.strictObject(parameters));
  quick.set(schema, quickReader(parameters, checks));
  return schema;
}

/**
 * What the schema makes of a query; null where only the schema itself can say it, as of every query that it
 * refuses.
 */
export function readQuickly(schema: object, query: object): object | null {
  return quick.get(schema)?.(query) ?? null;
}

function quickReader(parameters: Shape, checks: readonly Check[]): (query: object) => object | null {
  const absent = z.strictObject(parameters).safeParse({}).data;
  const together = checks.reduce<z.ZodType<object>>(
    (checked, check) => checked.superRefine(check as Parameters<typeof checked.superRefine>[0]),
    z.custom<object>(),
  );
  const schemas = new LRUCache<string, z.ZodType<object>>({ max: MAX_COMBINATIONS });
  return (query) => {
    const names = Object.keys(query);
    if (!absent || !names.every((name) => Object.hasOwn(parameters, name))) return null;
    const combination = names.join();
    let schema = schemas.get(combination);
    if (!schema) {
      schema = z.strictObject(Object.fromEntries(names.map((name) => [name, parameters[name]!])));
      schemas.set(combination, schema);
    }
    const given = schema.safeParse(query).data;
    return (given && together.safeParse({ ...absent, ...given }).data) ?? null;
  };
}
