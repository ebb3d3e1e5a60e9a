import { z } from 'zod';
import { LIMITS } from '#domain';
import { FILTER_EXAMPLE, filterSchema } from '#ranking';
import { externalId, flag, jsonText, k, madeId, queryNumber, repeated } from '../../../common/schemas.js';
import { compileBoost, type CompiledBoost } from '../../requests/boost/boost-compiler.js';
import { BOOST_LIMITS, BoostError } from '../../requests/boost/boost-expression.js';

/** What a request may say about its list. In a body as JSON, in a query as text: two schemas, one meaning. */

/** Properties of a recommended item that an answer can carry. */
export const ITEM_FIELDS = ['title', 'tags', 'metadata'] as const;
export type ItemField = (typeof ITEM_FIELDS)[number];

export const BOOST_EXAMPLE = 'score * (1 + 0.2 * tag("Drama")) + (ageDays < 30 ? 0.01 : 0)';

/** As many ids as an address has room for; a body may have more. */
const MAX_EXCLUDED_IN_QUERY = 200;
const MAX_JSON_IN_QUERY = 8_192;

const ANY_FIELD = `(${ITEM_FIELDS.join('|')})`;
const FIELD_LIST = `^${ANY_FIELD}(,${ANY_FIELD}){0,${ITEM_FIELDS.length - 1}}$`;

const score = z.number().min(-LIMITS.score).max(LIMITS.score);
const share = z.number().min(0).max(1);
const pins = z
  .record(externalId, z.number().int().min(1).max(LIMITS.k))
  .refine((value) => Object.keys(value).length <= LIMITS.pins, {
    message: `must be at most ${LIMITS.pins} items`,
  })
  .meta({ maxProperties: LIMITS.pins });
const itemFields = z.array(z.enum(ITEM_FIELDS)).max(ITEM_FIELDS.length);

/** Checked and compiled once; what is not allowed is named. */
const boost = z
  .string()
  .min(1)
  .max(BOOST_LIMITS.length)
  .transform((text, context): CompiledBoost => {
    try {
      return compileBoost(text);
    } catch (error) {
      if (!(error instanceof BoostError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  })
  .optional()
  .meta({
    description:
      'expression that makes the score of every item anew, before the best are chosen: over `score`, `popularity`, `ageDays`, `tag("…")`, `metadata("…")` (docs/recommendations.md)',
    example: BOOST_EXAMPLE,
  });

const TEXT = {
  k: 'length of the list; it is shorter, with a `reason`, only when fewer items may be answered',
  explain: 'adds `because`: the past items that made each score',
  exclude: 'item ids that must not be answered',
  diversity: `from 0 (the best items, however alike) to 1 (as unlike as possible); needs k of at most ${LIMITS.diverseK}`,
  pins: 'positions from 1 of items that are answered there, whatever else holds, as long as they are available',
  without: 'items of the past to make the list without, as if they had never been in it',
  filter: 'which items may be answered (docs/recommendations.md)',
  minScore:
    'no item with a lower score; items that fill a personal list up count as 0 (docs/recommendations.md)',
  fields: 'what each item carries beside its id and score',
  model: 'id of the model that makes the list, instead of the active one (docs/recommendations.md)',
  preview:
    'for people who look: the list counts nowhere, and nothing of it is stored (docs/recommendations.md)',
};

/** For every kind of list, in a query. */
export const queryOptions = {
  k: k.default(20).meta({ description: TEXT.k, example: 5 }),
  exclude: repeated(externalId, MAX_EXCLUDED_IN_QUERY).meta({
    description: `${TEXT.exclude}; repeat the parameter for more`,
    example: 'item-2',
  }),
  filter: jsonText(MAX_JSON_IN_QUERY)
    .pipe(filterSchema)
    .optional()
    .meta({ description: `${TEXT.filter}; as JSON, URL-encoded`, example: JSON.stringify(FILTER_EXAMPLE) }),
  minScore: queryNumber(score).optional().meta({ description: TEXT.minScore, example: 0.01 }),
  fields: repeated(z.string().max(64).meta({ pattern: FIELD_LIST }), ITEM_FIELDS.length)
    .transform((lists) => (lists.length === 0 ? ['title'] : lists.flatMap((list) => list.split(','))))
    .pipe(itemFields)
    .meta({ description: `${TEXT.fields}: some of ${ITEM_FIELDS.join()}`, example: 'title,tags' }),
  model: madeId.optional().meta({ description: TEXT.model }),
  preview: flag.meta({ description: TEXT.preview, example: 'true' }),
};

/** For lists that are made for someone, in a query. */
export const personalQueryOptions = {
  ...queryOptions,
  explain: flag.meta({ description: TEXT.explain, example: 'true' }),
  boost,
  diversity: queryNumber(share).optional().meta({ description: TEXT.diversity, example: 0.3 }),
  pins: jsonText(MAX_JSON_IN_QUERY)
    .pipe(pins)
    .default({})
    .meta({ description: `${TEXT.pins}; as JSON, URL-encoded`, example: '{"item-7":2}' }),
  without: repeated(externalId, LIMITS.withoutItems).meta({
    description: `${TEXT.without}; repeat the parameter for more`,
    example: 'item-2',
  }),
};

/** For lists that are made for someone, in a body. */
export const personalOptions = {
  k: z.number().int().min(1).max(LIMITS.k).default(20).describe(TEXT.k),
  explain: z.boolean().default(false).describe(TEXT.explain),
  exclude: z.array(externalId).max(LIMITS.excludedItems).default([]).describe(TEXT.exclude),
  filter: filterSchema.optional(),
  boost,
  diversity: share.optional().describe(TEXT.diversity),
  pins: pins.default({}).describe(TEXT.pins),
  without: z.array(externalId).max(LIMITS.withoutItems).default([]).describe(TEXT.without),
  minScore: score.optional().describe(TEXT.minScore),
  fields: itemFields.default(['title']).describe(TEXT.fields),
  model: madeId.optional().describe(TEXT.model),
  preview: z.boolean().default(false).describe(TEXT.preview),
};

/** What fields must not say together. */
export function checkTogether(
  { k, diversity, pins, exclude }: Pick<PersonalRequest, 'k' | 'diversity' | 'pins' | 'exclude'>,
  context: z.RefinementCtx,
): void {
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (diversity && k > LIMITS.diverseK) refuse(['diversity'], `needs k of at most ${LIMITS.diverseK}`);
  const excluded = new Set(exclude);
  const positions = new Set<number>();
  for (const [itemId, position] of Object.entries(pins)) {
    if (position > k) refuse(['pins', itemId], 'must be at most k');
    if (positions.has(position)) refuse(['pins', itemId], `position ${position} has an item already`);
    if (excluded.has(itemId)) refuse(['pins', itemId], 'is excluded too');
    positions.add(position);
  }
}

/** What every kind of list understands. */
export type ListRequest = z.infer<z.ZodObject<typeof queryOptions>>;
/** What a list for someone understands beside that. */
export type PersonalRequest = z.infer<z.ZodObject<typeof personalOptions>>;
