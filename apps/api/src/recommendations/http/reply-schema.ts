import { z } from 'zod';
import { recommendationReply } from './dto/recommendation.dto.js';

/**
 * JSON Schema of an answer, with everything in one place: what the serialiser is compiled from. It says of no
 * member that it must be there, since the serialiser would write those first.
 */
export const REPLY_SCHEMA = inline(z.toJSONSchema(recommendationReply, { io: 'output' }));

interface Referring {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, unknown>>;
  readonly required?: unknown;
}

/** Puts definitions in the place of references to them. */
function inline(schema: Referring & object): object {
  const definitions = schema.$defs ?? {};
  const resolve = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolve);
    if (part === null || typeof part !== 'object') return part;
    const { $ref, $defs: _definitions, required: _required, ...rest } = part as Referring;
    const target = $ref === undefined ? rest : definitions[$ref.slice('#/$defs/'.length)];
    return $ref === undefined
      ? Object.fromEntries(Object.entries(rest).map(([name, member]) => [name, resolve(member)]))
      : resolve(target);
  };
  const { $schema: _draft, ...inlined } = resolve(schema) as { $schema?: string };
  return inlined;
}
