import { z } from 'zod';
import { findCronFault } from '../training/cron.js';
import { MISSED_TICKS } from '../training/schedule.js';
import { parameters } from './schemas.js';

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const gateFields = z.strictObject({
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

export const scheduleFields = z.strictObject({
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
  model: z.string().max(64),
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
});
export type ScheduleFields = z.infer<typeof scheduleFields>;
