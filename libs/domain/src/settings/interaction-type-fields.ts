import { z } from 'zod';
import { REPEATS_RULES } from '../interactions/interaction-type.js';
import { weight } from './schemas.js';

const MAX_DAYS = 36_500;

const fields = {
  trainingWeight: weight.default(1).describe('factor of every weight of this type'),
  halfLifeDays: z
    .number()
    .min(0.01)
    .max(MAX_DAYS)
    .nullable()
    .default(null)
    .describe("days, before the user's newest interaction, after which a weight counts half; null: never"),
  positive: z
    .boolean()
    .default(true)
    .describe('false: takes the item out of what the user is known to like, until a newer positive one'),
  excludesSeen: z
    .boolean()
    .default(true)
    .describe("false: counts for the model, but does not take the item out of the user's lists"),
  repeatAfterDays: z
    .number()
    .min(0.01)
    .max(MAX_DAYS)
    .nullable()
    .default(null)
    .describe(
      "days after the newest interaction of a user with an item after which the user's lists may have the item again, as for things that are used up; null: never",
    ),
  repeats: z
    .enum(REPEATS_RULES)
    .default('max')
    .describe(
      'what repeated interactions of a user with an item count together: the largest weight; the sum, for plays; or the newest, for ratings, where 5 lowered to 1 counts 1. Of the type `interaction` it holds for items that a basket names more than once, too',
    ),
};

export const interactionTypeFields = z.strictObject(fields).meta({
  id: 'InteractionTypeFields',
  example: {
    trainingWeight: 3,
    halfLifeDays: 90,
    positive: true,
    excludesSeen: true,
    repeatAfterDays: 30,
    repeats: 'sum',
  },
});
export type InteractionTypeFields = z.infer<typeof interactionTypeFields>;

/** In a merge patch: absent stays, and null takes the default. */
const patched = <Schema extends z.ZodType>(field: z.ZodDefault<Schema>) =>
  field
    .unwrap()
    .nullable()
    .optional()
    .meta({ ...field.meta() });

export const interactionTypePatch = z
  .strictObject({
    trainingWeight: patched(fields.trainingWeight),
    halfLifeDays: patched(fields.halfLifeDays),
    positive: patched(fields.positive),
    excludesSeen: patched(fields.excludesSeen),
    repeatAfterDays: patched(fields.repeatAfterDays),
    repeats: patched(fields.repeats),
  })
  .meta({ id: 'InteractionTypePatch', example: { halfLifeDays: 30 } });
export type InteractionTypePatch = z.infer<typeof interactionTypePatch>;

/** The fields of a type as a patch leaves them. */
export function patchInteractionType(
  fieldsNow: InteractionTypeFields,
  patch: InteractionTypePatch,
): InteractionTypeFields {
  const defaults = interactionTypeFields.parse({});
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  const changes = given.map(([name, value]) => [name, value ?? defaults[name as keyof typeof defaults]]);
  return interactionTypeFields.parse({ ...fieldsNow, ...Object.fromEntries(changes) });
}
