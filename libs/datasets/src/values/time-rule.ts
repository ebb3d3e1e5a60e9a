import { aheadOfClock, DomainError, EARLIEST_OCCURRED_AT, LATEST_OCCURRED_AT } from '#domain';
import type { Role } from '../columns/roles.js';
import { InvalidValue, isAbsent, quoted } from './invalid-value.js';
import { clock, dayStart, parseIsoTime } from './iso-time.js';
import { toNumber } from './numbers.js';
import { hasShortYear, timeParser, toDateFns } from './time-tokens.js';

/** How many milliseconds one of a unit is. */
export const TIME_UNITS = {
  seconds: 1_000,
  milliseconds: 1,
  microseconds: 1e-3,
  nanoseconds: 1e-6,
} as const;
export type TimeUnit = keyof typeof TIME_UNITS;

export const ISO_8601 = 'ISO 8601';
export const DATE_PARTS_FORMAT = 'date parts';

const DAY_MS = 86_400_000;
const EARLIEST_MS = EARLIEST_OCCURRED_AT.getTime();

/** How the times of a column are read: `ISO 8601`, a unit since 1970, or tokens of date-fns. */
export type TimeFormat = string;

const SHORT_NAMES: ReadonlyMap<string, TimeFormat> = new Map([
  ['iso', ISO_8601],
  ['iso 8601', ISO_8601],
  ['iso-8601', ISO_8601],
  ['iso8601', ISO_8601],
  ['t', 'seconds'],
  ['s', 'seconds'],
  ['T', 'milliseconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
]);

/**
 * What `--time-format` means. Its tokens may be those of date-fns or of Day.js.
 *
 * @throws DomainError `validation-failed` when it is no format
 */
export function parseTimeFormat(text: string): TimeFormat {
  const known = SHORT_NAMES.get(text) ?? SHORT_NAMES.get(text.toLowerCase());
  if (known !== undefined) return known;
  if (Object.hasOwn(TIME_UNITS, text)) return text;
  const format = toDateFns(text);
  if (format !== null) return format;
  throw new DomainError(
    'validation-failed',
    `"${text.slice(0, 40)}" is no time format that has a year and reads what it writes; write for example dd/MM/yyyy HH:mm, ${Object.keys(TIME_UNITS).join(', ')} or iso`,
  );
}

export interface ClockRule {
  /** How far ahead of the clock an interaction may be dated. */
  readonly clockToleranceSeconds: number;
  readonly now: Date;
}

interface TimeColumn {
  readonly name: string | number;
  readonly role: Role;
}

/** Reads the times of one column, or of the columns that hold its parts. */
export class TimeReader {
  readonly #toMs: (value: unknown) => number;
  readonly #latestMs: number;
  /** How years of two digits are read. */
  readonly notes: readonly string[];

  constructor(
    readonly format: TimeFormat,
    private readonly clockRule: ClockRule,
  ) {
    this.#latestMs = clockRule.now.getTime() + clockRule.clockToleranceSeconds * 1_000;
    // A day more, since the new year begins earlier in other zones: refused as ahead, not a century ago.
    const latestYear = new Date(this.#latestMs + DAY_MS).getUTCFullYear();
    this.#toMs = converterOf(format, latestYear);
    this.notes =
      isNamed(format) || !hasShortYear(format)
        ? []
        : [`years of two digits are read as ${latestYear - 99} to ${latestYear}`];
  }

  /** @returns null when there is none. @throws InvalidValue */
  read(value: unknown, name: string | number, role: Role = 'time'): Date | null {
    return isAbsent(value) ? null : this.#check(this.#toMs(value), value, { name, role });
  }

  /** @throws InvalidValue */
  readParts(parts: readonly unknown[], name: string): Date | null {
    if (parts.every(isAbsent)) return null;
    const [year = NaN, month = NaN, day = NaN, hour = 0, minute = 0, second = 0] = parts.map((part) =>
      toNumber(part),
    );
    return this.#check(dayStart(year, month, day) + clock(hour, minute, second), parts.join('-'), {
      name,
      role: 'time',
    });
  }

  #check(ms: number, value: unknown, { name, role }: TimeColumn): Date {
    if (ms >= EARLIEST_MS && ms <= this.#latestMs) return new Date(ms);
    if (!(ms >= EARLIEST_MS && ms <= LATEST_OCCURRED_AT.getTime()))
      throw new InvalidValue(
        `${name} is ${quoted(value)}, which is no time of the format ${this.format} between the years 1900 and 2200`,
        { role },
      );
    const { clockToleranceSeconds, now } = this.clockRule;
    const reason = aheadOfClock(new Date(ms), clockToleranceSeconds, now);
    throw new InvalidValue(`${name} is ${quoted(value)}, which ${reason ?? 'is ahead of the clock'}`, {
      role,
    });
  }
}

/** Whether a format is no text of tokens. */
function isNamed(format: TimeFormat): boolean {
  return format === ISO_8601 || format === DATE_PARTS_FORMAT || Object.hasOwn(TIME_UNITS, format);
}

function converterOf(format: TimeFormat, latestYear: number): (value: unknown) => number {
  if (format === ISO_8601)
    return (value) => (typeof value === 'string' ? parseIsoTime(value) : dateMs(value));
  if (Object.hasOwn(TIME_UNITS, format)) {
    const factor = TIME_UNITS[format as TimeUnit];
    return (value) => toNumber(value) * factor;
  }
  const parse = timeParser(format, latestYear);
  return (value) =>
    typeof value === 'string' || typeof value === 'number' ? parse(String(value)) : dateMs(value);
}

/** A time that its format has read already, as Parquet's. */
function dateMs(value: unknown): number {
  return value instanceof Date ? value.getTime() : NaN;
}
