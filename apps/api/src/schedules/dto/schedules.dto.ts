import { z } from 'zod';
import { etagOfSchedule, gateFields, MISSED_TICKS, scheduleFields, type Schedule } from '#domain';
import { pageOf } from '../../common/page-reply.js';
import { modelKind, parameters } from '../../common/schemas.js';

export const scheduleRequest = scheduleFields.extend({ model: modelKind }).meta({
  id: 'ScheduleFields',
  example: {
    cron: '0 3 * * *',
    timeZone: 'Europe/Berlin',
    model: 'ease',
    parameters: { regularization: 300 },
    gate: { metric: 'ndcg@20', minRatioToActive: 0.95, mustBeBestOf: 'leaderboard' },
  },
});

export const scheduleReply = z
  .object({
    name: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    model: z.string(),
    parameters,
    gate: gateFields.nullable(),
    enabled: z.boolean(),
    missed: z.enum(MISSED_TICKS),
    nextRunAt: z.string().nullable().describe('in the past: it is due and no worker has come for it yet'),
    lastOutcome: z
      .string()
      .nullable()
      .describe('what came of the last tick, in words; it says so when the tick was late'),
    lastTickAt: z.string().nullable().describe('when a worker took the last tick'),
    createdAt: z.string(),
    updatedAt: z.string(),
    etag: z.string().describe('of what was put of it, for `If-Match`: ticks leave it as it is'),
  })
  .meta({ id: 'Schedule' });
export type ScheduleReply = z.infer<typeof scheduleReply>;

export const schedulePage = pageOf('Schedule', scheduleReply);

export function toScheduleReply(stored: Schedule): ScheduleReply {
  const { catalogId: _catalogId, kind, nextTickAt, ...schedule } = stored;
  return {
    ...schedule,
    model: kind,
    parameters: { ...schedule.parameters },
    nextRunAt: nextTickAt?.toISOString() ?? null,
    lastTickAt: schedule.lastTickAt?.toISOString() ?? null,
    createdAt: schedule.createdAt.toISOString(),
    updatedAt: schedule.updatedAt.toISOString(),
    etag: etagOfSchedule(stored),
  };
}
