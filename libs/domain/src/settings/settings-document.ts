import { z } from 'zod';
import { UNKNOWN_ITEMS } from '../interactions/interaction.js';
import { LIMITS } from '../limits.js';
import { interactionTypeFields } from './interaction-type-fields.js';
import { scheduleFields } from './schedule-fields.js';
import { interactionType, name, time } from './schemas.js';

const MAX_SCHEDULES = 10_000;

export const unknownItems = z
  .enum(UNKNOWN_ITEMS)
  .describe('what becomes of interactions with items that the catalog does not know');

/** What is set of a catalog, as an export writes it; what it does not name stays as it is. */
export const settingsDocument = z.strictObject({
  unknownItems: unknownItems.optional(),
  undatedSince: time
    .nullable()
    .optional()
    .describe('time of the first undated interactions; a catalog that has one keeps its own'),
  interactionTypes: z
    .array(z.strictObject({ name: interactionType, ...interactionTypeFields.shape }))
    .max(LIMITS.interactionTypesPerCatalog)
    .refine(areNamedOnce, { message: 'must name each type once' })
    .default([]),
  schedules: z
    .array(z.strictObject({ name, ...scheduleFields.shape }))
    .max(MAX_SCHEDULES)
    .refine(areNamedOnce, { message: 'must name each schedule once' })
    .default([]),
});
export type SettingsDocument = z.infer<typeof settingsDocument>;

function areNamedOnce(entries: readonly { readonly name: string }[]): boolean {
  return new Set(entries.map((entry) => entry.name)).size === entries.length;
}
