import type { Schedule } from '@app/domain';
import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import { pageOf } from '../../common/page-reply.js';
import { parameters } from '../../common/schemas.js';

function isCron(text: string): boolean {
  if (!/^\S+(\s+\S+){4,5}$/.test(text.trim())) return false;
  try {
    CronExpressionParser.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const gateFields = z.strictObject({
  metric: z
    .string()
    .regex(/^(recall|ndcg)@\d+$/)
    .describe('e.g. ndcg@20'),
  minRatioToActive: z
    .number()
    .min(0)
    .max(10)
    .optional()
    .describe("share of the active model's mean that a new one must reach"),
  mustBeBestOf: z
    .literal('leaderboard')
    .optional()
    .describe(
      'each run compares all kinds of models; a new model is not activated when another kind is better beyond doubt',
    ),
});

const gate = gateFields.refine(
  ({ minRatioToActive, mustBeBestOf }) => minRatioToActive !== undefined || mustBeBestOf !== undefined,
  { message: 'must have minRatioToActive, mustBeBestOf or both' },
);

export const scheduleFields = z
  .strictObject({
    cron: z
      .string()
      .max(128)
      .refine(isCron, { message: 'must be a cron expression of 5 fields, or 6 with seconds' }),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, { message: 'must be an IANA time zone, for example Europe/Berlin' })
      .default('UTC'),
    model: z.string().max(64),
    parameters: parameters.default({}),
    gate: gate
      .nullable()
      .default(null)
      .describe('activate only what is at least this good; null activates every new model'),
    enabled: z.boolean().default(true),
  })
  .meta({
    id: 'ScheduleFields',
    example: {
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
      model: 'ease',
      parameters: { regularization: 300 },
      gate: { metric: 'ndcg@20', minRatioToActive: 0.95, mustBeBestOf: 'leaderboard' },
    },
  });
export type ScheduleFields = z.infer<typeof scheduleFields>;

export const scheduleReply = z
  .object({
    name: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    model: z.string(),
    parameters,
    gate: gateFields.nullable(),
    enabled: z.boolean(),
    nextRunAt: z.string().nullable(),
    lastOutcome: z.string().nullable().describe('what came of the last tick, in words'),
    lastTickAt: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Schedule' });
export type ScheduleReply = z.infer<typeof scheduleReply>;

export const schedulePage = pageOf('Schedule', scheduleReply);

export function toScheduleReply({ catalogId: _catalogId, kind, ...schedule }: Schedule): ScheduleReply {
  const { cron, timeZone, enabled } = schedule;
  return {
    ...schedule,
    model: kind,
    parameters: { ...schedule.parameters },
    nextRunAt: enabled
      ? CronExpressionParser.parse(cron, { tz: timeZone }).next().toDate().toISOString()
      : null,
    lastTickAt: schedule.lastTickAt?.toISOString() ?? null,
    createdAt: schedule.createdAt.toISOString(),
    updatedAt: schedule.updatedAt.toISOString(),
  };
}
