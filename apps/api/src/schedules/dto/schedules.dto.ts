import { z } from 'zod';
import { findCronFault, MISSED_TICKS, type Schedule } from '#domain';
import { pageOf } from '../../common/page-reply.js';
import { modelKind, parameters } from '../../common/schemas.js';

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
    .regex(/^(recall|ndcg)@[0-9]+$/)
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

const gate = gateFields
  .refine(
    ({ minRatioToActive, mustBeBestOf }) => minRatioToActive !== undefined || mustBeBestOf !== undefined,
    { message: 'must have minRatioToActive, mustBeBestOf or both' },
  )
  .meta({ anyOf: [{ required: ['minRatioToActive'] }, { required: ['mustBeBestOf'] }] });

export const scheduleFields = z
  .strictObject({
    cron: z
      .string()
      .max(128)
      .superRefine((text, context) => {
        const message = findCronFault(text);
        if (message !== null) context.addIssue({ code: 'custom', message });
      })
      .describe('5 fields, or 6 with seconds; not H, which stands for a random time'),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, { message: 'must be an IANA time zone, for example Europe/Berlin' })
      .default('UTC'),
    model: modelKind,
    parameters: parameters.default({}),
    gate: gate
      .nullable()
      .default(null)
      .describe('activate only what is at least this good; null activates every new model'),
    enabled: z.boolean().default(true),
    missed: z
      .enum(MISSED_TICKS)
      .default('run-once')
      .describe(
        'of ticks that were due while no worker ran: run-once trains once as soon as one is there, skip waits for the next tick',
      ),
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
    missed: z.enum(MISSED_TICKS),
    nextRunAt: z.string().nullable().describe('in the past: it is due and no worker has come for it yet'),
    lastOutcome: z
      .string()
      .nullable()
      .describe('what came of the last tick, in words; it says so when the tick was late'),
    lastTickAt: z.string().nullable().describe('when a worker took the last tick'),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Schedule' });
export type ScheduleReply = z.infer<typeof scheduleReply>;

export const schedulePage = pageOf('Schedule', scheduleReply);

export function toScheduleReply({
  catalogId: _catalogId,
  kind,
  nextTickAt,
  ...schedule
}: Schedule): ScheduleReply {
  return {
    ...schedule,
    model: kind,
    parameters: { ...schedule.parameters },
    nextRunAt: nextTickAt?.toISOString() ?? null,
    lastTickAt: schedule.lastTickAt?.toISOString() ?? null,
    createdAt: schedule.createdAt.toISOString(),
    updatedAt: schedule.updatedAt.toISOString(),
  };
}
