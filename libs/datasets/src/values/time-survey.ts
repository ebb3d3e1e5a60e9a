import { isAbsent, quoted } from './invalid-value.js';
import { isIsoShaped, parseIsoTime } from './iso-time.js';
import { toNumber } from './numbers.js';
import { areRead, isReadBy, remedyForNumber, remedyForTexts } from './time-remedy.js';
import { ISO_8601, TIME_UNITS, type ClockRule, type TimeFormat, type TimeUnit } from './time-rule.js';

/** Numbers are only taken for times after this. */
const EARLIEST_MS = Date.UTC(1990);

/** Words that programs write for no value; a row with one is refused by its line. */
const NOTHING = /^(na|n\/a|nan|nat|none|null|\\n|-)$/i;

interface Seen {
  readonly value: unknown;
  readonly line: number;
}

/** Why the times of a column cannot be read, from the line that shows it. */
export interface TimeProblem {
  readonly line: number;
  readonly reason: string;
}

/** Looks at a whole column, which then has one format. */
export class TimeSurvey {
  #iso = 0;
  /** Whether one of them is read as ISO 8601. */
  #isReadAsIso = false;
  #unit: TimeUnit | null = null;
  #firstNumber: Seen | null = null;
  /** The first number that is of another unit than the first one. */
  #odd: Seen | null = null;
  #firstOther: Seen | null = null;
  readonly #others: string[] = [];
  readonly #latestMs: number;
  #low = 0;
  #high = 0;

  constructor(private readonly clock: ClockRule) {
    const { now, clockToleranceSeconds } = clock;
    this.#latestMs = now.getTime() + clockToleranceSeconds * 1_000;
  }

  see(value: unknown, line: number): void {
    if (isAbsent(value)) return;
    if (value instanceof Date || (typeof value === 'string' && isIsoShaped(value))) {
      this.#iso++;
      if (!this.#isReadAsIso) this.#seeIso(value, line);
      return;
    }
    const number = toNumber(value);
    if (Number.isNaN(number)) this.#seeOther(value, line);
    else this.#seeNumber(number, { value, line });
  }

  #seeIso(value: string | Date, line: number): void {
    if (typeof value === 'string' && Number.isNaN(parseIsoTime(value))) this.#seeOther(value, line);
    else this.#isReadAsIso = true;
  }

  #seeNumber(number: number, seen: Seen): void {
    if (this.#firstNumber === null) {
      this.#firstNumber = seen;
      this.#unit = this.#unitOf(number);
      const factor = this.#unit === null ? 1 : TIME_UNITS[this.#unit];
      [this.#low, this.#high] = [EARLIEST_MS / factor, this.#latestMs / factor];
    } else if (this.#odd === null && !(number >= this.#low && number <= this.#high)) this.#odd = seen;
  }

  #unitOf(number: number): TimeUnit | null {
    const units = Object.entries(TIME_UNITS) as [TimeUnit, number][];
    const fitting = units.find(
      ([, factor]) => number * factor >= EARLIEST_MS && number * factor <= this.#latestMs,
    );
    return fitting?.[0] ?? null;
  }

  #seeOther(value: unknown, line: number): void {
    this.#firstOther ??= { value, line };
    if (typeof value === 'string' && this.#others.length < 1_000) this.#others.push(value);
  }

  /** @returns null when no row has a time */
  decide(name: string | number): TimeFormat | TimeProblem | null {
    if (this.#iso > 0 && (this.#isReadAsIso || !areRead(this.#others, this.clock))) return ISO_8601;
    if (this.#firstNumber !== null) return this.#decideNumbers(name, this.#firstNumber);
    if (this.#firstOther === null) return null;
    if (this.#others.length > 0 && this.#others.every((text) => NOTHING.test(text))) return ISO_8601;
    const { value, line } = this.#firstOther;
    const remedy =
      typeof value === 'string'
        ? remedyForTexts(this.#others, this.clock)
        : 'write times as text or as numbers';
    return { line, reason: `${name} is ${quoted(value)}, whose format is not sure; ${remedy}` };
  }

  #decideNumbers(name: string | number, first: Seen): TimeFormat | TimeProblem {
    if (this.#unit === null)
      return {
        line: first.line,
        reason: `${name} is ${quoted(first.value)}, which is no Unix time between 1990 and now in seconds, milliseconds, microseconds or nanoseconds; ${remedyForNumber(first.value, this.clock)}`,
      };
    if (this.#odd === null) return this.#unit;
    const { line, value } = this.#odd;
    const all = isReadBy(this.#unit, value, this.clock)
      ? `say --time-format ${this.#unit} to read all in that unit, `
      : '';
    return {
      line,
      reason: `${name} is ${quoted(value)}, and ${quoted(first.value)} of line ${first.line} is a Unix time in ${this.#unit}: all must be in one unit and between 1990 and now; correct the column, ${all}or leave it out by --ignore-columns ${name}`,
    };
  }
}
