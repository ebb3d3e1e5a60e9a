/** Numbers, times and sizes in English, short enough for a table. */
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

export function whole(value: number): string {
  return WHOLE.format(value);
}

/** 1,234 stays as it is; 1,234,567 is 1.2M. */
export function short(value: number): string {
  return Math.abs(value) < 100_000 ? WHOLE.format(value) : SHORT.format(value);
}

/** A share or a score, with as many digits as an interval of it leaves any sense. */
export function score(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 1_000 || Math.abs(value) < 0.0001) return value.toExponential(2);
  return Math.abs(value) >= 1 ? value.toFixed(2) : value.toFixed(4);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(Math.abs(share) < 0.1 ? 1 : 0)} %`;
}

export function rate(perSecond: number): string {
  return perSecond >= 100 ? WHOLE.format(perSecond) : perSecond.toFixed(1);
}

export function milliseconds(ms: number): string {
  if (ms >= 10 * SECOND) return duration(ms);
  return ms >= SECOND ? `${(ms / SECOND).toFixed(2)} s` : `${ms >= 10 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

export function bytes(value: number): string {
  const step = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(value) / Math.log(1_024)));
  const scaled = value / 1_024 ** step;
  return `${step > 0 && scaled < 10 ? scaled.toFixed(1) : WHOLE.format(scaled)} ${UNITS[step]!}`;
}

/** 4 s, 3 min, 2 h, 5 days. */
export function duration(ms: number): string {
  const span = Math.abs(ms);
  if (span < MINUTE) return `${Math.round(span / SECOND)} s`;
  if (span < HOUR) return `${Math.round(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.round(span / HOUR)} h`;
  return `${Math.round(span / DAY)} days`;
}

export function ago(time: string | number, now: number): string {
  const ms = now - new Date(time).getTime();
  if (ms < 0) return `in ${duration(ms)}`;
  return ms < 2 * SECOND ? 'now' : `${duration(ms)} ago`;
}

export function dateTime(time: string | number): string {
  return DATE.format(new Date(time));
}

/** By the clock of a zone; by that of the browser where there is no such zone. */
export function dateTimeIn(time: string, timeZone: string): string {
  try {
    const zoned = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone });
    return zoned.format(new Date(time));
  } catch {
    return dateTime(time);
  }
}

/** A word for each number of things: `1 item`, `2 items`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}
