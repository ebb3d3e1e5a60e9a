import { isAbsent, quoted } from './invalid-value.js';
import { isIsoShaped } from './iso-time.js';
import { toNumber } from './numbers.js';
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
  #unit: TimeUnit | null = null;
  #firstNumber: Seen | null = null;
  /** The first number that is of another unit than the first one. */
  #odd: Seen | null = null;
  #firstOther: Seen | null = null;
  readonly #others: string[] = [];
  readonly #latestMs: number;
  #low = 0;
  #high = 0;

  constructor({ now, clockToleranceSeconds }: ClockRule) {
    this.#latestMs = now.getTime() + clockToleranceSeconds * 1_000;
  }

  see(value: unknown, line: number): void {
    if (isAbsent(value)) return;
    if (value instanceof Date || (typeof value === 'string' && isIsoShaped(value))) {
      this.#iso++;
      return;
    }
    const number = toNumber(value);
    if (Number.isNaN(number)) this.#seeOther(value, line);
    else this.#seeNumber(number, { value, line });
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
    if (this.#iso > 0) return ISO_8601;
    if (this.#firstNumber !== null) return this.#decideNumbers(name, this.#firstNumber);
    if (this.#firstOther === null) return null;
    if (this.#others.length > 0 && this.#others.every((text) => NOTHING.test(text))) return ISO_8601;
    const { value, line } = this.#firstOther;
    const remedy = typeof value === 'string' ? remedyFor(this.#others) : 'write times as text or as numbers';
    return { line, reason: `${name} is ${quoted(value)}, whose format is not sure; ${remedy}` };
  }

  #decideNumbers(name: string | number, first: Seen): TimeFormat | TimeProblem {
    if (this.#unit === null)
      return {
        line: first.line,
        reason: `${name} is ${quoted(first.value)}, which is no Unix time between 1990 and now in seconds, milliseconds, microseconds or nanoseconds; ${remedyForNumber(String(first.value))}`,
      };
    if (this.#odd === null) return this.#unit;
    return {
      line: this.#odd.line,
      reason: `${name} is ${quoted(this.#odd.value)}, and ${quoted(first.value)} of line ${first.line} is a Unix time in ${this.#unit}: all must be in one unit and between 1990 and now; correct the column, say --time-format ${this.#unit} to read all in that unit, or leave it out by --ignore-columns ${name}`,
    };
  }
}

function remedyForNumber(text: string): string {
  const ignore = 'or leave the column out by --ignore-columns';
  const tokens = { 4: 'yyyy', 6: 'yyyyMM', 8: 'yyyyMMdd', 12: 'yyyyMMddHHmm', 14: 'yyyyMMddHHmmss' }[
    /^\d+$/.test(text) ? text.length : 0
  ];
  if (tokens !== undefined && /^(19|20)/.test(text)) return `say --time-format ${tokens}, ${ignore}`;
  const units = Object.keys(TIME_UNITS).join(', ');
  return `say --time-format with the unit (${units}), for example --time-format ${text.length > 10 ? 'milliseconds' : 'seconds'}, ${ignore}`;
}

const SHAPES: readonly (readonly [shape: RegExp, tokens: readonly string[]])[] = [
  [/^\d{1,2}\/\d{1,2}\/\d{4}/, ['dd/MM/yyyy', 'MM/dd/yyyy']],
  [/^\d{1,2}-\d{1,2}-\d{4}/, ['dd-MM-yyyy', 'MM-dd-yyyy']],
  [/^\d{1,2}\.\d{1,2}\.\d{4}/, ['dd.MM.yyyy']],
  [/^\d{1,2}\/\d{1,2}\/\d{2}(?!\d)/, ['dd/MM/yy', 'MM/dd/yy']],
  [/^\d{4}\/\d{1,2}\/\d{1,2}/, ['yyyy/MM/dd']],
  [/^\d{2} \d{1,2}, \d{4}/, ['MM dd, yyyy']],
  [/^[A-Z][a-z]{2} \d{1,2}, \d{4}/, ['MMM d, yyyy']],
  [/^\d{1,2} [A-Z][a-z]{2} \d{4}/, ['d MMM yyyy']],
  [/^\d{1,2}-[A-Z][a-z]{2}-\d{4}/, ['dd-MMM-yyyy']],
];
const CLOCKS: readonly (readonly [shape: RegExp, tokens: string])[] = [
  [/ \d{1,2}:\d{2}:\d{2}$/, ' HH:mm:ss'],
  [/ \d{1,2}:\d{2}$/, ' HH:mm'],
  [/ \d{1,2}:\d{2} [AP]M$/i, ' hh:mm a'],
];

/** The `--time-format` that reads such values, or an example of one. */
function remedyFor(values: readonly string[]): string {
  const [shape, tokens] = SHAPES.find(([pattern]) => pattern.test(values[0]!)) ?? [null, null];
  if (tokens === null)
    return 'say --time-format with its tokens, for example --time-format "dd/MM/yyyy HH:mm", or leave the column out by --ignore-columns';
  const end = CLOCKS.find(([pattern]) => pattern.test(values[0]!))?.[1] ?? '';
  const [first, second] = tokens.filter((candidate) => canBe(candidate, values, shape));
  const say = (candidate: string) => `--time-format "${candidate}${end}"`;
  if (second === undefined) return `say ${say(first ?? tokens[0]!)}`;
  return `say ${say(first!)} or ${say(second)}`;
}

/** False when a number of the place where the month stands is no month. */
function canBe(tokens: string, values: readonly string[], shape: RegExp): boolean {
  const place = tokens.split(/[^A-Za-z]+/).indexOf('MM');
  if (place < 0) return true;
  return values
    .filter((value) => shape.test(value))
    .every((value) => Number(value.split(/\D+/)[place]) <= 12);
}
