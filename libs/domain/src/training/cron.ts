import { CronDate, CronExpressionParser } from 'cron-parser';

/**
 * Ticks that are counted one by one after a long pause; beyond that the next one is looked for from the
 * end of the pause.
 */
const MAX_WALKED_TICKS = 1_000;
/**
 * Where the clocks change by half an hour, the parser finds nothing from some starts; it does
 * from a later one.
 */
const RETRY_MS = 30 * 60_000;
const MAX_RETRIES = 96;

const FIELDS = /^\S+(\s+\S+){4,5}$/;
/** `H` by itself, in a list, a range or with a step, but not in a name such as THU. */
const RANDOM_PART = /(^|[\s,])H([\s,/(]|$)/;

/** @returns why a cron expression is refused, or null for one whose ticks can be promised */
export function findCronFault(cron: string): string | null {
  if (!FIELDS.test(cron.trim())) return 'must be a cron expression of 5 fields, or 6 with seconds';
  if (RANDOM_PART.test(cron))
    return 'must not have H: it stands for a random time, another one each time it is read. Write the time itself';
  try {
    CronExpressionParser.parse(cron);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `must be a cron expression of 5 fields, or 6 with seconds: ${reason}`;
  }
}

/** @returns the first tick after an instant; null when the expression has a fault */
export function nextTick(cron: string, timeZone: string, after: Date): Date | null {
  if (findCronFault(cron) !== null) return null;
  const expression = CronExpressionParser.parse(cron, { tz: timeZone });
  for (let retry = 0; retry <= MAX_RETRIES; retry++) {
    try {
      expression.reset(new CronDate(new Date(after.getTime() + retry * RETRY_MS), timeZone));
      return expression.next().toDate();
    } catch {
      continue;
    }
  }
  return null;
}

/**
 * The first tick after `now`, found by walking on from a tick. Where the clocks change, one that is looked
 * for from an instant between two ticks may be another one.
 */
export function nextTickAfter(cron: string, timeZone: string, due: Date, now: Date): Date | null {
  let tick: Date | null = due;
  for (let walked = 0; tick !== null && tick <= now; walked++)
    tick = nextTick(cron, timeZone, walked < MAX_WALKED_TICKS ? tick : now);
  return tick;
}
