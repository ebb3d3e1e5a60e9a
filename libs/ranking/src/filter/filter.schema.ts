import { z } from 'zod';
import { isText, LIMITS, schemas, TEXT_RULE } from '#domain';

const { externalId, text } = schemas;

const finite = z.number();
const scalar = z.union([text(LIMITS.filterTextLength), finite, z.boolean()]);
const bound = z.union([text(LIMITS.filterTextLength), finite]);
const days = z.number().min(-LIMITS.score).max(LIMITS.score);

const isNotEmpty = (condition: object) => Object.values(condition).some((value) => value !== undefined);
const EMPTY = { message: 'must have at least one condition' };

const tagList = z.array(text(LIMITS.tagLength, 1)).min(1).max(LIMITS.filterValues);
const tagCondition = z
  .strictObject({ any: tagList.optional(), all: tagList.optional(), none: tagList.optional() })
  .refine(isNotEmpty, EMPTY);

const rangeOf = <Schema extends z.ZodType>(schema: Schema) => ({
  gt: schema.optional(),
  gte: schema.optional(),
  lt: schema.optional(),
  lte: schema.optional(),
});
const ageCondition = z.strictObject(rangeOf(days)).refine(isNotEmpty, EMPTY);
const metadataCondition = z
  .strictObject({
    ...rangeOf(bound),
    eq: scalar.optional(),
    in: z.array(scalar).min(1).max(LIMITS.filterValues).optional(),
  })
  .refine(isNotEmpty, EMPTY);

const itemCondition = z.strictObject({ in: z.array(externalId).min(1).max(LIMITS.filterItems) });

/** `true` alone, since what is not available is in no answer. */
const available = z.literal(true);

export type TagCondition = z.infer<typeof tagCondition>;
export type ItemCondition = z.infer<typeof itemCondition>;
export type AgeCondition = z.infer<typeof ageCondition>;
export type MetadataCondition = z.infer<typeof metadataCondition>;

/** Which items a list may have: those for which every condition holds. */
export interface Filter {
  readonly itemId?: ItemCondition;
  readonly tags?: TagCondition;
  readonly ageDays?: AgeCondition;
  /** By the name of a member of `metadata`. */
  readonly metadata: ReadonlyMap<string, MetadataCondition>;
}

const METADATA_FIELD = /^metadata\.(.+)$/s;
const MAX_FIELD_LENGTH = 'metadata.'.length + LIMITS.tagLength;

export const FILTER_EXAMPLE = {
  tags: { none: ['Horror'] },
  'metadata.year': { gte: 1990, lt: 2010 },
  ageDays: { lte: 3650 },
};

/** As JSON: `itemId`, `tags`, `available`, `ageDays` and `metadata.NAME`, each with its conditions. */
export const filterSchema = z.record(z.string(), z.unknown()).transform(toFilter).meta({
  id: 'Filter',
  maxProperties: LIMITS.filterFields,
  description:
    'Conditions that all hold for every item: on `itemId` (in), `tags` (any, all, none), `metadata.NAME` (eq, in, gt, gte, lt, lte), `ageDays` (gt, gte, lt, lte) and `available` (docs/recommendations.md)',
  example: FILTER_EXAMPLE,
});

function toFilter(raw: Readonly<Record<string, unknown>>, context: z.RefinementCtx): Filter {
  const metadata = new Map<string, MetadataCondition>();
  const fields = Object.entries(raw);
  if (fields.length > LIMITS.filterFields)
    context.addIssue({ code: 'custom', message: `must have at most ${LIMITS.filterFields} fields` });
  const filter: { itemId?: ItemCondition; tags?: TagCondition; ageDays?: AgeCondition } = {};
  for (const [field, value] of fields.slice(0, LIMITS.filterFields)) {
    const name = METADATA_FIELD.exec(field)?.[1];
    if (field.length > MAX_FIELD_LENGTH) refuse(context, [field], 'the name is too long');
    else if (!isText(field)) refuse(context, [field], TEXT_RULE);
    else if (field === 'itemId') take(itemCondition, (itemId) => (filter.itemId = itemId));
    else if (field === 'tags') take(tagCondition, (tags) => (filter.tags = tags));
    else if (field === 'ageDays') take(ageCondition, (ageDays) => (filter.ageDays = ageDays));
    else if (field === 'available') take(available, () => undefined);
    else if (name !== undefined) take(metadataCondition, (condition) => metadata.set(name, condition));
    else refuse(context, [field], 'unknown field');

    function take<Value>(schema: z.ZodType<Value>, keep: (value: Value) => void) {
      const { data, error } = schema.safeParse(value);
      if (error) error.issues.forEach((issue) => forward(context, field, issue));
      else keep(data);
    }
  }
  return { ...filter, metadata };
}

function forward(context: z.RefinementCtx, field: string, issue: z.core.$ZodIssue): void {
  if (issue.code !== 'unrecognized_keys') {
    refuse(context, [field, ...issue.path], issue.message);
    return;
  }
  for (const key of issue.keys) refuse(context, [field, ...issue.path, key], 'unknown field');
}

function refuse(context: z.RefinementCtx, path: PropertyKey[], message: string): void {
  context.addIssue({ code: 'custom', message, path });
}
