import { z } from 'zod';

/** Names of the parameters of a query that may be repeated, by its schema. */
const repeatable = new WeakMap<object, ReadonlySet<string>>();

interface GivenTwice {
  readonly path: readonly [name: string];
  readonly message: string;
}

/** Every parameter of a query that was given several times and may be given once. */
export function givenTwice(schema: object, query: object): GivenTwice[] {
  return Object.entries(query)
    .filter(([name, value]) => Array.isArray(value) && isSingle(schema, name))
    .map(([name, values]: [string, unknown[]]) => ({
      path: [name],
      message: `is given ${values.length} times: give it once`,
    }));
}

function isSingle(schema: object, name: string): boolean {
  if (!(schema instanceof z.ZodObject) || !Object.hasOwn(schema.shape, name)) return false;
  let names = repeatable.get(schema);
  if (!names) repeatable.set(schema, (names = repeatableOf(schema)));
  return !names.has(name);
}

function repeatableOf(schema: z.ZodObject): ReadonlySet<string> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const isList = (property: unknown) => JSON.stringify(property).includes('"type":"array"');
  return new Set(Object.keys(properties).filter((name) => isList(properties[name])));
}
