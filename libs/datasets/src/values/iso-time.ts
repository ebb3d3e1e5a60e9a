const DIGIT_0 = 0x30;
const [BLANK, DASH, POINT, COLON, LETTER_T] = [0x20, 0x2d, 0x2e, 0x3a, 0x54];
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
  const sinceMidnight = parsePlainClock(text);
  return Number.isNaN(sinceMidnight) ? parseClock(text, day) : day + sinceMidnight;
}

/** `T10:20:30` or ` 10:20:30.123`, with Z or without, behind the day; NaN for anything else. */
function parsePlainClock(text: string): number {
  const length = text.endsWith('Z') ? text.length - 1 : text.length;
  const hasFraction = length === 23 && text.charCodeAt(19) === POINT;
  const separator = text.charCodeAt(10);
  if (!(hasFraction || length === 19) || !(separator === LETTER_T || separator === BLANK)) return NaN;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return NaN;
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const milliseconds = hasFraction ? digits(text, 20, 23) : 0;
  if (hour < 0 || minute < 0 || second < 0 || milliseconds < 0) return NaN;
  return clock(hour, minute, second) + milliseconds;
}

/** The slow twin of `parsePlainClock`, which knows all that may stand behind a day. */
export function parseClock(text: string, day: number): number {
  const match = TIME.exec(text.slice(10));
  if (!match) return NaN;
  const [, hour = '', minute = '', second = '0', fraction = '', zone = 'Z'] = match;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  return day + clock(Number(hour), Number(minute), Number(second)) + milliseconds - offset(zone);
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
export function clock(hour: number, minute: number, second: number): number {
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return NaN;
  return ((hour * 60 + minute) * 60 + second) * 1_000;
}

function offset(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || '0')];
  if (hours > 23 || minutes > 59) return NaN;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
