import { z } from 'zod';
import type { RecommenderKind } from './recommender.js';

/** Numbers that a parameter takes. */
export interface ParameterRange {
  readonly isWhole: boolean;
  readonly minimum: number;
  readonly maximum: number;
  /** Whether the minimum itself is too small. */
  readonly isAboveMinimum: boolean;
}

/** A hyperparameter, as a form can ask for it. */
export interface ParameterField {
  readonly name: string;
  readonly description: string;
  /** Null: derived from the data. */
  readonly default: number | string | null;
  /** Null where it takes words alone. */
  readonly range: ParameterRange | null;
  /** Words that it takes, such as `auto`. */
  readonly words: readonly string[];
  /** The one value of another parameter that it goes with; null: it goes with all others. */
  readonly goesWith: { readonly name: string; readonly value: string } | null;
}

/** What JSON Schema says of a parameter, as far as the kinds use it. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: number | string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The hyperparameters of a kind of model, made from its schema. */
export function parameterFields({ parameters }: Pick<RecommenderKind, 'parameters'>): ParameterField[] {
  const schema = z.toJSONSchema(parameters, { io: 'output' }) as Schema;
  const variants = schema.oneOf ?? schema.anyOf;
  if (!variants) return Object.entries(schema.properties ?? {}).map((one) => toField(...one, null));
  const [chooser] = Object.entries(variants[0]?.properties ?? {}).find(([, field]) => field.const) ?? [''];
  const values = variants.map(({ properties }) => properties?.[chooser]?.const ?? '');
  const chosen = (parameters.parse({}) as Readonly<Record<string, string>>)[chooser] ?? null;
  return [
    toField(chooser, { enum: values, default: chosen ?? '', description: CHOOSES }, null),
    ...variants.flatMap(({ properties = {} }, place) =>
      ownFields(properties, chooser, values[place]!, variants),
    ),
    ...sharedFields(variants, chooser),
  ];
}

const CHOOSES = 'way in which it weighs, which decides what else can be set';

type Entries = Readonly<Record<string, Schema>>;

function isShared(name: string, variants: readonly Schema[]): boolean {
  return variants.every(({ properties = {} }) => name in properties);
}

function ownFields(
  properties: Entries,
  chooser: string,
  value: string,
  variants: readonly Schema[],
): ParameterField[] {
  return Object.entries(properties)
    .filter(([name]) => !isShared(name, variants))
    .map(([name, field]) => toField(name, field, { name: chooser, value }));
}

function sharedFields(variants: readonly Schema[], chooser: string): ParameterField[] {
  return Object.entries(variants[0]?.properties ?? {})
    .filter(([name]) => name !== chooser && isShared(name, variants))
    .map(([name, field]) => toField(name, field, null));
}

function toField(name: string, schema: Schema, goesWith: ParameterField['goesWith']): ParameterField {
  const options = schema.anyOf ?? [schema];
  const number = options.find(({ type }) => type === 'number' || type === 'integer');
  return {
    name,
    description: schema.description ?? '',
    default: schema.default ?? null,
    range: number ? toRange(number) : null,
    words: options.flatMap((option) => option.enum ?? option.const ?? []),
    goesWith,
  };
}

function toRange({ type, minimum, exclusiveMinimum, maximum }: Schema): ParameterRange {
  return {
    isWhole: type === 'integer',
    minimum: exclusiveMinimum ?? minimum ?? 0,
    maximum: maximum ?? Number.MAX_SAFE_INTEGER,
    isAboveMinimum: exclusiveMinimum !== undefined,
  };
}
