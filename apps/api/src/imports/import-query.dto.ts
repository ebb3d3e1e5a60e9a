import { z } from 'zod';
import {
  FORMATS,
  namedEncoding,
  parseColumnNames,
  parseColumns,
  parseDelimiter,
  parseItemColumns,
  parseTimeFormat,
  parseTypeWeights,
  parseUserColumns,
  type DatasetOptions,
  type GivenColumns,
} from '#datasets';
import { DomainError } from '#domain';
import { flag, queryNumber, text } from '../common/schemas.js';
import { withRemedies } from '../common/unknown-parameters.js';
import { recordQuery } from '../interactions/dto/interactions.dto.js';
import { rightParameter } from './words-of-http.js';

const MAX_TEXT = 4_096;
const EXCLUSIVE = ['minRating', 'ratingAsWeight', 'allRatingsPositive'] as const;

/** A text that `parse` reads, or says why not. */
function parsed<Value>(parse: (text: string) => Value, maxLength = MAX_TEXT) {
  return text(maxLength, 1).transform((value, context): Value => {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

const rating = z.number().gt(0).max(1e9);

const dryRun = flag.describe('true: answers what would be stored, and stores nothing');

const timeFormat = parsed((value) => (parseTimeFormat(value), value), 100)
  .optional()
  .meta({
    description: 'tokens such as `dd/MM/yyyy HH:mm`, or `seconds`, `milliseconds`, `iso`',
    example: 'iso',
  });

const reading = {
  ignoreColumns: parsed(parseColumnNames).optional().describe('columns that are not read, apart by commas'),
  header: z
    .enum(['true', 'false'])
    .optional()
    .transform((value) => (value === undefined ? undefined : value === 'true'))
    .describe('whether the first row has the names of the columns; absent: by its content'),
  delimiter: parsed(parseDelimiter, 8)
    .optional()
    .describe('what stands between two cells, `\\t` for a tab; absent: by its content'),
  encoding: parsed(namedEncoding, 40)
    .optional()
    .describe('such as `utf-8` or `latin1`; absent: `charset` of the content type, else by its content'),
};

/** How a body is read; each has the name and the meaning of an option of the command line. */
const interactionsQuery = z
  .strictObject({
    ...recordQuery.shape,
    dryRun,
    format: z.enum(FORMATS).optional().describe('absent: by its content'),
    columns: parsed<GivenColumns>(parseColumns).optional().meta({
      description: 'which column is what, by name, or by number from 1: `user=visitorid,item=itemid`',
      example: 'user=userId,item=itemId',
    }),
    ...reading,
    timeFormat,
    scale: queryNumber(rating).optional().describe('the largest rating that there can be'),
    unrated: z.enum(['like']).optional().describe('`like`: a rating of 0 counts as a like'),
    minRating: queryNumber(rating).optional().describe('ratings from here on are likes'),
    ratingAsWeight: flag.describe('true: ratings are strengths'),
    allRatingsPositive: flag.describe('true: each rating is a like, whatever it says'),
    typeWeight: parsed(parseTypeWeights).optional().meta({
      description: 'training weights of interaction types: `view=1,buy=5`',
      example: 'view=1,buy=5',
    }),
  })
  .superRefine((query, context) => {
    const [, second] = EXCLUSIVE.filter((name) => query[name]);
    if (second)
      context.addIssue({
        code: 'custom',
        path: [second],
        message: `only one of ${EXCLUSIVE.join(', ')} can be given`,
      });
  });
export const importQuery = withRemedies(interactionsQuery, rightParameter);
export type ImportQuery = z.infer<typeof importQuery>;

/** The same of a table of items. */
export const importItemsQuery = withRemedies(
  z.strictObject({
    ...recordQuery.shape,
    dryRun,
    columns: parsed<GivenColumns>(parseItemColumns).optional().meta({
      description:
        'which column is what, by name, or by number from 1: of `id`, `title`, `tags`, `year`, `available`, `createdAt` and `deletedAt`',
      example: 'id=itemId,title=title',
    }),
    ...reading,
    timeFormat,
  }),
  rightParameter,
);
export type ImportItemsQuery = z.infer<typeof importItemsQuery>;

/** The same of a table of users, which has no times. */
export const importUsersQuery = withRemedies(
  z.strictObject({
    ...recordQuery.shape,
    dryRun,
    columns: parsed<GivenColumns>(parseUserColumns).optional().meta({
      description:
        'which column is what, by name, or by number from 1: of `id`, `tags`, `training` and `personal`',
      example: 'id=userId,tags=tags',
    }),
    ...reading,
  }),
  rightParameter,
);
export type ImportUsersQuery = z.infer<typeof importUsersQuery>;

/** @param charset of the content type */
export function toDatasetOptions(
  query: ImportQuery,
  charset: string | undefined,
): Omit<DatasetOptions, 'clockToleranceSeconds' | 'items'> {
  const { onInvalid, dryRun: _, typeWeight, encoding = charset, ...told } = query;
  return { ...told, encoding, skipInvalid: onInvalid === 'skip', typeWeights: typeWeight };
}
