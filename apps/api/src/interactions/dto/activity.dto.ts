import { z } from 'zod';
import type { DayCounts } from '#data';

const MOST_DAYS = 1_096;

export const activityQuery = z.strictObject({
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_DAYS)
    .default(90)
    .meta({ description: 'how many, up to the day of the newest interaction', example: 30 }),
});
export type ActivityQuery = z.infer<typeof activityQuery>;

export const activityReply = z
  .object({
    days: z
      .array(
        z.object({
          date: z.string().describe('of UTC, such as 2026-11-01'),
          interactions: z.number().int(),
        }),
      )
      .max(MOST_DAYS)
      .describe('ascending; a day that is absent has none'),
    counted: z
      .number()
      .describe('share of the interactions that was counted; below 1 the numbers are estimates'),
  })
  .meta({ id: 'Activity' });
export type ActivityReply = z.infer<typeof activityReply>;

export function toActivityReply({ days, counted }: DayCounts): ActivityReply {
  return { days: days.map((day) => ({ ...day })), counted };
}
