import { z } from 'zod';

const bytes = z.number().int();

const usageEntry = z
  .object({
    store: z.enum(['redis', 'postgres', 'process']),
    kind: z.string().describe('e.g. users, item-side, interactions'),
    scope: z
      .enum(['catalog', 'service'])
      .describe('service: of all catalogs together; process memory is that of the process that answers'),
    count: z.number().int().nullable().describe('how many there are; null where nothing is counted'),
    bytes: bytes.describe('measured, or a measured mean times the count'),
    measured: z
      .number()
      .int()
      .nullable()
      .describe('of how many the bytes were measured, where that is a sample; null: of all'),
    atMostBytes: bytes.nullable().describe('what the counts allow at most; null where they set no limit'),
  })
  .meta({ id: 'UsageEntry' });
export type UsageEntry = z.infer<typeof usageEntry>;

export const usageReply = z
  .object({
    catalogId: z.string(),
    counts: z.object({
      users: z.number().int(),
      items: z.number().int(),
      interactions: z.number().int().describe('from a sample of pages, where there are many'),
      models: z.number().int(),
    }),
    redis: z.enum(['measured', 'none', 'not-reached']),
    entries: z.array(usageEntry),
  })
  .meta({ id: 'Usage' });
export type UsageReply = z.infer<typeof usageReply>;
