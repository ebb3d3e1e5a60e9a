import type { OpenAPIObject } from '@nestjs/swagger';

/** In OpenAPI 3.0 a `nullable` schema takes null only where its `enum`, if it has one, has null too. */
export function allowNullInEnums(document: OpenAPIObject): OpenAPIObject {
  visit(document.components?.schemas);
  visit(document.paths);
  return document;
}

function visit(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const { nullable, enum: values } = part as { readonly nullable?: unknown; readonly enum?: unknown };
  if (nullable === true && Array.isArray(values) && !values.includes(null)) values.push(null);
  for (const child of Object.values(part)) visit(child);
}
