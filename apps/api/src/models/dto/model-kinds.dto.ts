import { z } from 'zod';
import { modelRegistry, parameterFields } from '#models';

const parameterField = z
  .object({
    name: z.string(),
    description: z.string(),
    default: z.string().nullable().describe('as text, such as 300 or auto; null: derived from the data'),
    range: z
      .object({
        isWhole: z.boolean().describe('whether it takes whole numbers only'),
        minimum: z.number(),
        maximum: z.number(),
        isAboveMinimum: z.boolean().describe('true: the minimum itself is too small'),
      })
      .nullable()
      .describe('numbers that it takes; null: words only'),
    words: z.array(z.string()).describe('words that it takes, such as auto'),
    goesWith: z
      .object({ name: z.string(), value: z.string() })
      .nullable()
      .describe('the one value of another parameter that it goes with; null: it goes with all others'),
  })
  .meta({ id: 'ModelParameter' });

export const modelKindsReply = z
  .object({
    kinds: z.array(
      z
        .object({ kind: z.string(), description: z.string(), parameters: z.array(parameterField) })
        .meta({ id: 'ModelKind' }),
    ),
  })
  .meta({ id: 'ModelKinds' });

/** They are the same for the whole life of a process. */
export const MODEL_KINDS: z.infer<typeof modelKindsReply> = {
  kinds: [...modelRegistry.values()].map((kind) => ({
    kind: kind.kind,
    description: kind.description,
    parameters: parameterFields(kind).map(({ words, default: value, ...field }) => ({
      ...field,
      words: [...words],
      default: value === null ? null : String(value),
    })),
  })),
};
