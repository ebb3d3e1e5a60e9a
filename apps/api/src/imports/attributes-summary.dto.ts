import { z } from 'zod';
import { FORMATS, type ItemsSummary, type UsersSummary } from '#datasets';

export const count = z.number().int();
export const column = z.union([z.string(), z.number().int()]);
/** In OpenAPI 3.0 only what has one type can be null. */
export const columnOrNone = z.union([z.string().nullable(), z.number().int()]);
export const leftOut = z.object({
  reason: z.string(),
  rows: count,
  firstLines: z.array(count).readonly().describe('lines of the first ten'),
});

const tags = z.array(z.string()).readonly();
const metadata = z.record(z.string(), z.unknown());

/** What a table of items and one of users have. */
const attributes = {
  name: z.string(),
  format: z.enum(FORMATS),
  delimiter: z.string().nullable(),
  encoding: z.string().nullable(),
  header: z.boolean(),
  packing: z.string().nullable(),
  metadataColumns: z.array(column).readonly().describe('columns that are metadata'),
  ignoredColumns: z.array(column).readonly(),
  repeats: count.describe('rows with an id that an earlier row has: of such rows the last counts'),
  tagged: count.describe('rows that have tags'),
  estimated: z.array(z.string()).readonly().describe('names of counts that are estimates'),
  exactUpTo: count,
  leftOut: z.array(leftOut).readonly(),
  trimmedIds: count.describe('ids that had blanks around them, which are cut off'),
  warnings: z.array(z.string()).readonly(),
  command: z.string().describe('the query of an import that says the same explicitly'),
};

/** What was understood of a table of items, as `sparserec inspect --json` prints it but for `command`. */
export const itemsSummary = z
  .object({
    ...attributes,
    columns: z
      .object({
        id: column,
        title: columnOrNone,
        tags: columnOrNone,
        year: columnOrNone,
        available: columnOrNone,
        createdAt: columnOrNone,
        deletedAt: columnOrNone,
      })
      .describe('names, or numbers from 1 where there is no header'),
    timeFormats: z.object({ createdAt: z.string().nullable(), deletedAt: z.string().nullable() }),
    firstDate: z.string().nullable().describe('the first `createdAt`'),
    lastDate: z.string().nullable(),
    items: count.describe('different ids'),
    titles: count.describe('items that have a title'),
    dated: count.describe('items that have a `createdAt`'),
    unavailable: count,
    deleted: count.describe('items that have a `deletedAt`'),
    cutItems: z.array(leftOut).readonly().describe('items that have more than an item may have'),
    sample: z
      .array(
        z.object({
          itemId: z.string(),
          title: z.string().nullable(),
          tags,
          metadata,
          available: z.boolean(),
          createdAt: z.string().nullable(),
          deletedAt: z.string().nullable(),
        }),
      )
      .readonly()
      .describe('five items as they are stored'),
  })
  .meta({ id: 'ItemsSummary' }) satisfies z.ZodType<ItemsSummary>;

/** The same of a table of users. */
export const usersSummary = z
  .object({
    ...attributes,
    columns: z
      .object({ id: column, tags: columnOrNone, training: columnOrNone, personal: columnOrNone })
      .describe('names, or numbers from 1 where there is no header'),
    users: count.describe('different ids'),
    noTraining: count.describe('users who say no to training'),
    noPersonal: count.describe('users who say no to lists from their history'),
    cutUsers: z.array(leftOut).readonly().describe('users who have more than a user may have'),
    sample: z
      .array(
        z.object({
          userId: z.string(),
          tags,
          metadata,
          training: z.boolean().nullable(),
          personal: z.boolean().nullable(),
        }),
      )
      .readonly()
      .describe('five users as they are stored; null: the file says nothing of it'),
  })
  .meta({ id: 'UsersSummary' }) satisfies z.ZodType<UsersSummary>;
