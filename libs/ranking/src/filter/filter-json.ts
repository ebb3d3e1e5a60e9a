import type { JsonObject } from '#domain';
import type { Filter } from './filter.schema.js';

/** A filter as a request has it, so that it can be stored and checked again. */
export function filterToJson({ metadata, ...rest }: Filter): JsonObject {
  const fields = Object.fromEntries(
    [...metadata].map(([name, condition]) => [`metadata.${name}`, condition]),
  );
  return JSON.parse(JSON.stringify({ ...rest, ...fields })) as JsonObject;
}
