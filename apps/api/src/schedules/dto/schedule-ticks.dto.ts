import { z } from 'zod';
import { scheduleFields } from '#domain';

const MOST_TICKS = 5;
const EVERY_NIGHT = '0 3 * * *';

export const scheduleTicksQuery = z.strictObject({
  cron: scheduleFields.shape.cron.default(EVERY_NIGHT).meta({ example: EVERY_NIGHT }),
  timeZone: scheduleFields.shape.timeZone.meta({ example: 'Europe/Berlin' }),
});
export type ScheduleTicksQuery = z.infer<typeof scheduleTicksQuery>;

export const scheduleTicksReply = z
  .object({
    ticks: z.array(z.string()).max(MOST_TICKS).describe('the next ones; fewer where it ends, none: never'),
  })
  .meta({ id: 'ScheduleTicks' });
export type ScheduleTicksReply = z.infer<typeof scheduleTicksReply>;

/** The first ticks after an instant, as `next` finds each from the one before. */
export function toTicksReply(after: Date, next: (after: Date) => Date | null): ScheduleTicksReply {
  const ticks: string[] = [];
  for (let tick = next(after); tick !== null && ticks.length < MOST_TICKS; tick = next(tick))
    ticks.push(tick.toISOString());
  return { ticks };
}
