import { z } from 'zod';
import {
  fitsMetadata,
  hasOnlyText,
  schemas,
  LIMITS,
  METADATA_RULE,
  TEXT_RULE,
  type JsonObject,
  type JsonValue,
} from '#domain';
import { text } from './schemas.js';

/** Tags and metadata of items and of users. */

export const tags = z.array(text(LIMITS.tagLength, 1)).max(LIMITS.tagsPerItem);
/** Bodies are JSON already. A schema that says so names itself, and readers of it go round in circles. */
const json = z.unknown() as z.ZodType<JsonValue>;
export const metadata = z
  .record(z.string().max(LIMITS.tagLength), json, { error: schemas.keyRule(LIMITS.tagLength) })
  .refine((value) => fitsMetadata(value as JsonObject), {
    message: METADATA_RULE,
    abort: true,
  })
  .refine(hasOnlyText, { message: TEXT_RULE });
