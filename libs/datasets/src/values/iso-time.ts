const DIGIT_0 = 0x30;
const DASH = 0x2d;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const TIME = /^[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|z|[+-]\d{2}(?::?\d{2})?))?$/;

/** True of what begins as `2020-01-31`, so that it is meant as ISO 8601. */
export function isIsoShaped(text: string): boolean {
  return (
    text.length >= 10 &&
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    digits(text, 0, 4) >= 0 &&
    digits(text, 5, 7) >= 0 &&
    digits(text, 8, 10) >= 0
  );
}

/**
 * ISO 8601 with dashes: a day, or a day with a time and perhaps a zone. Without a zone it is UTC.
 *
 * @returns milliseconds since 1970; NaN for anything else, and for a day or an hour that does not exist
 */
export function parseIsoTime(text: string): number {
  if (!isIsoShaped(text)) return NaN;
  const day = dayStart(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10));
  if (text.length === 10) return day;
  const match = TIME.exec(text.slice(10));
  if (!match) return NaN;
  const [, hour = '', minute = '', second = '0', fraction = '', zone = 'Z'] = match;
  return day + clock(Number(hour), Number(minute), Number(second), fraction) - offset(zone);
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The start of a day in UTC; NaN for one that does not exist. */
export function dayStart(year: number, month: number, day: number): number {
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= (DAYS[month - 1] ?? 0);
  if (!exists || (month === 2 && day === 29 && !isLeapYear(year))) return NaN;
  // Date.UTC takes years below 100 for those after 1900.
  return year < 100 ? NaN : Date.UTC(year, month - 1, day);
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** @returns milliseconds since the day began; a leap second counts as the second after it */
export function clock(hour: number, minute: number, second: number, fraction = ''): number {
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return NaN;
  return ((hour * 60 + minute) * 60 + second) * 1_000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}

function offset(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || '0')];
  if (hours > 23 || minutes > 59) return NaN;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
