/** By the numbers that cron has for them. */
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const NUMBER = /^\d{1,2}$/;

/** Expressions for who knows no cron. */
export const USUAL = [
  '0 3 * * *',
  '0 3 * * 1-5',
  '0 4 * * 0',
  '0 5 1 * *',
  '0 * * * *',
  '*/15 * * * *',
] as const;

/** When a cron expression ticks, in words; null for what is better read as it is. */
export function wordsOfCron(cron: string): string | null {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (month !== '*') return null;
  const often = oftenOf(minute, hour);
  if (often !== null) return day === '*' && weekday === '*' ? often : null;
  if (!NUMBER.test(minute) || !NUMBER.test(hour)) return null;
  const days = daysOf(day, weekday);
  return days && `${days} at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
}

function oftenOf(minute: string, hour: string): string | null {
  const step = /^\*\/(\d{1,2})$/.exec(minute)?.[1];
  if (hour !== '*') return null;
  if (minute === '*') return 'every minute';
  if (step !== undefined) return `every ${step} minutes`;
  return NUMBER.test(minute) ? `every hour, ${minute} minutes past` : null;
}

function daysOf(day: string, weekday: string): string | null {
  if (day === '*' && weekday === '*') return 'every day';
  if (NUMBER.test(day) && weekday === '*') return `on day ${day} of each month`;
  if (day !== '*') return null;
  if (/^[0-7]$/.test(weekday)) return `every ${WEEKDAYS[Number(weekday)]!}`;
  return weekday === '1-5' ? 'from Monday to Friday' : null;
}
