import { z } from 'zod';

/** A variable of the environment, as an operator may see it. */
export interface Setting {
  readonly name: string;
  readonly description: string;
  /** As it was given, or the default; null for a secret, whether one is set or not. */
  readonly value: string | null;
  readonly isSecret: boolean;
  /** Whether nothing was given. */
  readonly isDefault: boolean;
}

const SECRETS = new WeakSet<z.ZodType>();

/** Marks a variable whose value no call and no log may have. It stands around the whole schema. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  SECRETS.add(schema);
  return schema;
}

/** The settings of an environment that is valid, without its secrets. */
export function settingsOf(
  variables: Readonly<Record<string, z.ZodType>>,
  source: Readonly<Record<string, string | undefined>>,
): Setting[] {
  return Object.entries(variables).map(([name, schema]) => {
    const isSecret = SECRETS.has(schema);
    const given = source[name];
    return {
      name,
      description: schema.description ?? '',
      value: isSecret ? null : (given ?? defaultOf(schema)),
      isSecret,
      isDefault: given === undefined,
    };
  });
}

function defaultOf(schema: z.ZodType): string {
  const { default: value } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
