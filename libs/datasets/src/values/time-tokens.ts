import { utc } from '@date-fns/utc';
// By their own paths: the package's index loads 300 modules, at each start of a process.
import { format as formatDate } from 'date-fns/format';
import { parse } from 'date-fns/parse';

/** Of each unit a value of its own, so that a format that mixes them up is found. */
const SAMPLE = new Date(Date.UTC(2017, 7, 25, 13, 55, 2, 123));

/** What Day.js writes otherwise than date-fns. `dd` and `d` are days of the month, as date-fns has them. */
const DAYJS: Readonly<Record<string, string>> = {
  YYYY: 'yyyy',
  YY: 'yy',
  DD: 'dd',
  D: 'd',
  dddd: 'EEEE',
  ddd: 'EEE',
  A: 'a',
  Z: 'XXX',
  ZZ: 'XX',
  T: "'T'",
};

/** A text in quotes of date-fns, one in brackets of Day.js, and one letter, once or again and again. */
const TOKENS = /'(?:[^']|'')*'|\[([^\]]*)\]|([A-Za-z])\2*/g;

/** Of neither: `DDD` would be the day of the year, of which date-fns warns on the console. */
const UNKNOWN = /^[DY]+$/;

/**
 * A format of date-fns for one whose tokens are of date-fns or Day.js.
 *
 * @returns null for one that makes no time with a year, or cannot be read back
 */
export function toDateFns(text: string): string | null {
  const unknown: string[] = [];
  const tokens = text.replace(TOKENS, (token, literal: string | undefined) => {
    if (literal !== undefined) return `'${literal.replaceAll("'", "''")}'`;
    const known = DAYJS[token] ?? token;
    if (UNKNOWN.test(known)) unknown.push(known);
    return known;
  });
  return unknown.length === 0 && isReadBack(tokens) ? tokens : null;
}

/** date-fns refuses tokens that it does not know by an error, but only when it comes to them. */
function isReadBack(tokens: string): boolean {
  try {
    const text = formatDate(SAMPLE, tokens, { in: utc });
    const read = parse(text, tokens, new Date(0), { in: utc });
    return read.getUTCFullYear() % 100 === SAMPLE.getUTCFullYear() % 100;
  } catch {
    return false;
  }
}

/** Reads what is written by a format. */
export type TimeParser = (text: string) => number;

const YEARS_BEHIND = 49;

/**
 * Reads texts by the tokens of date-fns. Two digits are the year that ends so among the hundred up to
 * `latestYear`: date-fns takes those from 50 years before its reference to 49 after it.
 *
 * @returns milliseconds since 1970; NaN for what is not of the format
 */
export function timeParser(tokens: string, latestYear: number): TimeParser {
  const reference = new Date(Date.UTC(latestYear - YEARS_BEHIND, 0, 1));
  return (text) => parse(text, tokens, reference, { in: utc }).getTime();
}

/** Whether years are written by two digits. */
export function hasShortYear(tokens: string): boolean {
  return tokens
    .replaceAll(/'[^']*'/g, '')
    .split(/[^y]+/)
    .includes('yy');
}
