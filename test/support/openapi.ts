import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Reply } from './api.js';

/** The part of a JSON schema, in the dialect of OpenAPI 3.0, that the tests look into. */
export interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly example?: unknown;
  readonly [keyword: string]: unknown;
}
type Examples = Readonly<Record<string, { readonly value: unknown }>>;
interface Content {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Examples;
}
export interface Parameter extends Content {
  readonly name: string;
  readonly in: string;
}
export interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly content?: Readonly<Record<string, Content>>;
        readonly headers?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}
export interface Call {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const COMPONENT = '#/components/schemas/';
const JSON_TYPES = ['application/json', 'application/problem+json'];

/** What the service says of itself, and whether an answer is what it says. */
export class OpenApiDocument {
  readonly #ajv = new Ajv({ allErrors: true, strict: true });
  readonly #validators = new Map<Schema, ValidateFunction>();

  constructor(private readonly document: Document) {
    addFormats.default(this.#ajv);
    this.#ajv.addVocabulary(['example']);
    for (const [name, schema] of Object.entries(document.components.schemas))
      this.#ajv.addSchema(closed(schema) as object, name);
  }

  get calls(): Call[] {
    return Object.entries(this.document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
    );
  }

  /** All examples of a body or a parameter, those of its schema included. */
  examplesOf({ schema = {}, example, examples = {} }: Content): unknown[] {
    const resolved = this.resolve(schema);
    const named = Object.values(examples).map(({ value }) => value);
    const own = (resolved['examples'] ?? []) as readonly unknown[];
    return [example, ...named, resolved.example, ...own].filter((value) => value !== undefined);
  }

  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const found = this.document.components.schemas[schema.$ref.slice(COMPONENT.length)];
    if (!found) throw new Error(`The document has no ${schema.$ref}`);
    return found;
  }

  /** What of an answer is not as the document says, each in words. */
  faultsOf({ operation }: Call, { status, headers, body }: Reply): string[] {
    const response = operation.responses[status];
    if (!response) return [`status ${status} is not documented: ${JSON.stringify(body)}`];
    const type = (headers.get('content-type') ?? '').split(';')[0]!;
    if (body === '' && response.content === undefined) return [];
    const content = response.content?.[type];
    if (!content?.schema) return [`status ${status} has a body of "${type}", which is not documented`];
    if (type === 'application/x-ndjson') return this.#faultsOfLines(content.schema, String(body));
    const faults = this.faults(content.schema, JSON_TYPES.includes(type) ? body : String(body));
    return type === 'application/problem+json' ? [...faults, ...faultsOfProblem(content, body)] : faults;
  }

  /** What of a value is not as a schema says; fields that the schema does not name are faults. */
  faults(schema: Schema, value: unknown): string[] {
    const validate = this.#validators.get(schema) ?? this.#ajv.compile(closed(schema) as object);
    this.#validators.set(schema, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  #faultsOfLines(schema: Schema, text: string): string[] {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => this.faults(schema, JSON.parse(line)));
  }
}

/** A documented status names, by its examples, all problems that it can be. */
function faultsOfProblem({ examples = {} }: Content, body: Reply['body']): string[] {
  const named = Object.values(examples).map(({ value }) => (value as { readonly type: string }).type);
  return named.includes(body.type)
    ? []
    : [`"${body.type}" is not among the documented problems ${named.join()}`];
}

/** The same as JSON Schema, in which objects have no fields but those that are named. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref, example: _example, properties, ...rest } = withNumericBounds(schema as Schema);
  if ($ref !== undefined) return { $ref: $ref.slice(COMPONENT.length) };
  const isOpen = 'additionalProperties' in rest || (rest['type'] !== 'object' && properties === undefined);
  return {
    ...mapValues(rest, closed),
    ...(properties && { properties: mapValues(properties, closed) }),
    ...(!isOpen && { additionalProperties: false }),
  };
}

/** OpenAPI 3.0 says by a boolean that a bound itself is out of range. */
function withNumericBounds(schema: Schema): Schema {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  return {
    ...rest,
    ...(minimum !== undefined && { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum !== undefined && { [exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: maximum }),
  };
}

function mapValues<In, Out>(
  object: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
