import { z } from 'zod';
import { FORMATS, type DatasetSummary } from '#datasets';
import { storedReply } from '../interactions/dto/interactions.dto.js';
import { putItemsReply } from '../items/dto/items.dto.js';
import {
  column,
  columnOrNone,
  count,
  itemsSummary,
  leftOut,
  usersSummary,
} from './attributes-summary.dto.js';

/** What was understood of a body, as `sparserec inspect --json` prints it but for `command`. */
export const datasetSummary = z
  .object({
    format: z.enum(FORMATS),
    delimiter: z.string().nullable(),
    encoding: z.string().nullable(),
    header: z.boolean(),
    columns: z
      .object({
        user: column,
        item: column,
        type: columnOrNone,
        weight: columnOrNone,
        rating: columnOrNone,
        time: columnOrNone,
        label: columnOrNone,
      })
      .describe('names, or numbers from 1 where there is no header'),
    ignoredColumns: z.array(column).readonly(),
    files: z
      .array(
        z.object({
          name: z.string(),
          role: z.enum(['interactions', 'items', 'links', 'ignored']),
          format: z.enum(FORMATS).nullable(),
          encoding: z.string().nullable(),
          delimiter: z.string().nullable(),
          header: z.boolean(),
          packing: z.string().nullable(),
          ignoredColumns: z.array(column).readonly(),
          reason: z.string().nullable().describe('why it is not read'),
        }),
      )
      .readonly(),
    ratings: z
      .object({
        rule: z.enum(['scale', 'min-rating', 'weight', 'all-positive']),
        scale: z.number().nullable(),
        likedFrom: z.number().nullable(),
      })
      .nullable()
      .describe('how ratings were read'),
    timeFormat: z.string().nullable(),
    firstDate: z.string().nullable(),
    lastDate: z.string().nullable(),
    users: count,
    items: count,
    interactions: count.describe('events without repeats'),
    likes: count,
    lowRatings: count,
    repeats: count.describe('rows that are equal in user, item, type and time to an earlier one'),
    repeatsOfOtherWeight: count,
    undatedRepeats: count,
    estimated: z.array(z.string()).readonly().describe('names of counts and shares that are estimates'),
    exactUpTo: count,
    leftOut: z.array(leftOut).readonly(),
    // Without its name: in OpenAPI 3.0 what has a name takes no null.
    itemsFile: z
      .object(itemsSummary.shape)
      .nullable()
      .describe('what is understood of items beside the interactions; a body has none'),
    titles: count,
    cutItems: z.array(leftOut).readonly(),
    density: z
      .number()
      .describe('share of all pairs of a user and an item that there are, each counted once'),
    interactionsPerUser: z.object({ median: z.number(), largest: count }),
    itemsWithFew: z.object({ below: count, items: count }),
    types: z.array(z.object({ type: z.string(), interactions: count })).readonly(),
    trimmedIds: count.describe('ids that had blanks around them, which are cut off'),
    warnings: z.array(z.string()).readonly(),
    sample: z
      .array(
        z.object({
          userId: z.string(),
          itemId: z.string(),
          type: z.string(),
          weight: z.number(),
          occurredAt: z.string().nullable(),
        }),
      )
      .readonly()
      .describe('five rows as they are stored'),
    command: z.string().describe('the query of an import that says the same explicitly'),
  })
  .meta({ id: 'DatasetSummary' }) satisfies z.ZodType<DatasetSummary>;

/** What was stored, or with `dryRun=true` what would be. */
export const importReply = z
  .union([
    storedReply.extend({ summary: datasetSummary }).meta({ id: 'ImportedInteractions' }),
    datasetSummary,
  ])
  .meta({ id: 'ImportReply' });
export type ImportReply = z.infer<typeof importReply>;

/** What was stored, or with `dryRun=true` what would be. */
export const importUsersReply = z
  .union([
    z
      .object({
        created: count,
        updated: count.describe('users who were there, changed or not'),
        summary: usersSummary,
      })
      .meta({ id: 'ImportedUsers' }),
    usersSummary,
  ])
  .meta({ id: 'ImportUsersReply' });
export type ImportUsersReply = z.infer<typeof importUsersReply>;

/** What was stored, or with `dryRun=true` what would be. */
export const importItemsReply = z
  .union([
    putItemsReply
      .extend({ deleted: count.describe('items that are deleted'), summary: itemsSummary })
      .meta({ id: 'ImportedItems' }),
    itemsSummary,
  ])
  .meta({ id: 'ImportItemsReply' });
export type ImportItemsReply = z.infer<typeof importItemsReply>;
