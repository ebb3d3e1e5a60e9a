import { z } from 'zod';
import { LIMITS, LIST_JOB_STATUSES, type ListJob } from '#domain';
import { filterSchema } from '#ranking';
import { pageOf } from '../../common/page-reply.js';
import { madeId } from '../../common/schemas.js';

export const startListJobRequest = z
  .strictObject({
    k: z.number().int().min(1).max(LIMITS.k).default(20).describe('length of each list'),
    filter: filterSchema.optional().describe('which items the lists may have (docs/recommendations.md)'),
    model: madeId.optional().describe('id of the model that makes the lists; absent: the active one'),
  })
  .meta({ id: 'StartListJob', example: { k: 10 } });
export type StartListJobRequest = z.infer<typeof startListJobRequest>;

export const LIST_FILE_FORMATS = ['jsonl', 'parquet'] as const;
export type ListFileFormat = (typeof LIST_FILE_FORMATS)[number];

export const listFileQuery = z.strictObject({ format: z.enum(LIST_FILE_FORMATS).default('jsonl') });
export type ListFileQuery = z.infer<typeof listFileQuery>;

export const listJobReply = z
  .object({
    id: z.string(),
    modelId: z.string().describe('the model that makes all of its lists, also when another becomes active'),
    k: z.number().int(),
    filter: z.record(z.string(), z.unknown()).nullable(),
    status: z.enum(LIST_JOB_STATUSES),
    progress: z.number().describe('0 to 1'),
    usersDone: z.number().int().describe('users whose lists are stored'),
    usersTotal: z
      .number()
      .int()
      .nullable()
      .describe('users of the catalog when a worker last began or went on; null: none has'),
    sizeBytes: z.number().int().describe('of the stored lists, which are compressed'),
    attempts: z.number().int().describe('how often a worker began or went on'),
    peakRssBytes: z.number().int().nullable().describe('memory of the worker that finished it, at most'),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    expiresAt: z.string().nullable().describe('when it is removed with its lists; null: it is not finished'),
  })
  .meta({ id: 'ListJob' });
export type ListJobReply = z.infer<typeof listJobReply>;

export const listJobPage = pageOf('ListJob', listJobReply);

const HOUR_MS = 3_600_000;

export function addressOfListJob({ catalogId, id }: ListJob): string {
  return `/v1/catalogs/${catalogId}/list-jobs/${id}`;
}

/** @param keptHours how long a finished one is kept */
export function toListJobReply(job: ListJob, keptHours: number): ListJobReply {
  const { id, modelId, k, filter, status, usersDone, usersTotal, sizeBytes, attempts } = job;
  const { peakRssBytes, error, createdAt, startedAt, finishedAt } = job;
  const expiresAt = finishedAt && new Date(finishedAt.getTime() + keptHours * HOUR_MS);
  return {
    ...{ id, modelId, k, filter, status, progress: progressOf(job), usersDone, usersTotal },
    ...{ sizeBytes, attempts, peakRssBytes, error },
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

/** Users who came since it was counted make it no more than 1. */
function progressOf({ status, usersDone, usersTotal }: ListJob): number {
  if (status === 'succeeded') return 1;
  return usersTotal ? Math.min(1, usersDone / usersTotal) : 0;
}

const TEXT = { type: 'string' as const };
const OBJECT = { type: 'object' as const };

/** A line of a file of lists, as Swagger shows it. */
const DOCUMENTED_LINE = {
  ...OBJECT,
  description: 'each line: a user with a list',
  required: ['userId', 'items'],
  properties: {
    userId: TEXT,
    items: {
      type: 'array' as const,
      items: {
        ...OBJECT,
        required: ['itemId', 'score', 'source'],
        properties: { itemId: TEXT, score: { type: 'number' as const }, source: TEXT },
      },
    },
    reason: { ...TEXT, description: 'why the list is empty or shorter than `k`' },
    personalised: {
      type: 'boolean' as const,
      description: 'false for a user who has said no to personal lists; absent for others',
    },
  },
};

/** Bodies of a file of lists, as Swagger shows them. */
export const DOCUMENTED_FILES = {
  'application/x-ndjson': { schema: DOCUMENTED_LINE },
  'application/vnd.apache.parquet': { schema: { type: 'string' as const, format: 'binary' } },
};
