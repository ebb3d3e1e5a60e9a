import type { OpenAPIObject } from '@nestjs/swagger';

/** Schemas by name. */
type Schemas = Readonly<Record<string, { readonly type?: unknown }>>;

/**
 * In OpenAPI 3.0 a `nullable` schema takes null only beside a `type`, and where its `enum`, if it has one,
 * has null too.
 */
export function allowNull(document: OpenAPIObject): OpenAPIObject {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  visit(schemas, schemas);
  visit(document.paths, schemas);
  return document;
}

interface Schema {
  readonly nullable?: unknown;
  readonly enum?: unknown;
  readonly allOf?: readonly { readonly $ref?: string }[];
  type?: unknown;
}

function visit(part: unknown, schemas: Schemas): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as Schema;
  if (schema.nullable === true) {
    if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum.push(null);
    schema.type ??= schemas[nameOf(schema.allOf?.[0]?.$ref)]?.type;
  }
  for (const child of Object.values(part)) visit(child, schemas);
}

function nameOf(reference = ''): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
