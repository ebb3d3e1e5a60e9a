import { TIME_UNITS, TimeReader, type ClockRule, type TimeFormat, type TimeUnit } from './time-rule.js';

/** Days in the orders that are met. Of two that read the same times only the first is named. */
const DAYS = [
  ...['dd/MM/yyyy', 'MM/dd/yyyy', 'dd-MM-yyyy', 'MM-dd-yyyy', 'dd.MM.yyyy', 'dd/MM/yy', 'MM/dd/yy'],
  ...['dd-MM-yy', 'MM-dd-yy', 'dd.MM.yy', 'yyyy/MM/dd', 'yyyy.MM.dd', 'yyyy-M-d', 'yyyyMMdd', 'yyyy/MM'],
  ...[
    'MM dd, yyyy',
    'MMM d, yyyy',
    'MMMM d, yyyy',
    'MMM d yyyy',
    'd MMM yyyy',
    'd MMMM yyyy',
    'd. MMMM yyyy',
  ],
  ...['dd-MMM-yyyy', 'dd-MMM-yy', 'dd/MMM/yyyy', 'EEE, d MMM yyyy', 'EEE MMM d yyyy', 'EEEE, MMMM d, yyyy'],
];
const SEPARATORS = [' ', ', ', "'T'", ':'];
const CLOCKS = [
  ...['HH:mm:ss', 'HH:mm', 'HH:mm:ss.SSS', 'HH:mm:ss.SSSSSS', 'HHmmss', 'HH.mm', 'HH.mm.ss', 'HH'],
  ...['hh:mm a', 'hh:mm:ss a', 'hh:mm:ss.SSS a', 'hh:mma', 'hh:mm:ssa', 'h a'],
];
const ZONES = ['', 'XXX', ' XXX', 'XX', ' XX', " 'UTC'", " 'GMT'", 'X'];
/** A clock between the day and the year, as of C and of Twitter. */
const WHOLE = ['EEE MMM d HH:mm:ss XX yyyy', 'EEE MMM d HH:mm:ss yyyy', "EEE MMM d HH:mm:ss 'UTC' yyyy"];

/** Formats of which some could read a text: its day is one that stands at its beginning. */
function* candidates(text: string, clock: ClockRule): Generator<TimeFormat> {
  yield* WHOLE;
  const clocks = CLOCKS.filter((time) => hasFraction(time, text));
  const ends = [...text.matchAll(/[ ,T:]|$/g)].map(({ index }) => index);
  for (const day of DAYS) {
    const reader = new TimeReader(day, clock);
    if (ends.every((end) => timeOf(reader, text.slice(0, end)) === null)) continue;
    yield day;
    for (const separator of SEPARATORS)
      for (const time of clocks) for (const zone of ZONES) yield `${day}${separator}${time}${zone}`;
  }
}

/** The digits of a fraction must be as many as its tokens: .123 by SSSSSS is less than a millisecond. */
function hasFraction(time: TimeFormat, text: string): boolean {
  const digits = time.replaceAll(/[^S]/g, '').length;
  return digits === (/:\d\d\.(\d+)/.exec(text)?.[1]?.length ?? 0);
}

const IGNORE = 'leave the column out by --ignore-columns';

/** The `--time-format` that reads a text and most of the others like it; an example where none does. */
export function remedyForTexts(texts: readonly string[], clock: ClockRule): string {
  const [first, second] = bestFormats(texts, clock);
  if (first === undefined)
    return `say --time-format with its tokens, for example --time-format "dd/MM/yyyy HH:mm", or ${IGNORE}`;
  return `say ${asOption(first)}${second === undefined ? '' : ` or ${asOption(second)}`}`;
}

/** Whether a `--time-format` reads the first of the texts. */
export function areRead(texts: readonly string[], clock: ClockRule): boolean {
  return texts.length > 0 && bestFormats(texts, clock).length > 0;
}

function asOption(format: TimeFormat): string {
  return `--time-format "${format}"`;
}

/** Up to two formats that read the first text, and as many of all as any, to different times. */
function bestFormats(texts: readonly string[], clock: ClockRule): readonly TimeFormat[] {
  const best = new Map<string, TimeFormat>();
  let most = 0;
  for (const format of candidates(texts[0]!, clock)) {
    const reader = new TimeReader(format, clock);
    if (timeOf(reader, texts[0]!) === null) continue;
    const times = texts.map((text) => timeOf(reader, text));
    const numRead = times.filter((time) => time !== null).length;
    if (numRead > most) best.clear();
    most = Math.max(most, numRead);
    const key = times.join();
    if (numRead === most && !best.has(key)) best.set(key, format);
  }
  return [...best.values()].slice(0, 2);
}

/** @returns null for what the format does not read */
function timeOf(reader: TimeReader, value: unknown): number | null {
  try {
    return reader.read(value, 'time')?.getTime() ?? null;
  } catch {
    return null;
  }
}

/** Whether a value can be read by a format. */
export function isReadBy(format: TimeFormat, value: unknown, clock: ClockRule): boolean {
  return timeOf(new TimeReader(format, clock), value) !== null;
}

const OF_DIGITS: readonly TimeFormat[] = ['yyyy', 'yyyyMM', 'yyyyMMdd', 'yyyyMMddHHmm', 'yyyyMMddHHmmss'];

/** The `--time-format` that reads a number which is no Unix time since 1990. */
export function remedyForNumber(value: unknown, clock: ClockRule): string {
  const text = String(value).trim();
  const tokens = OF_DIGITS.find((format) => format.length === text.length && isReadBy(format, text, clock));
  if (tokens !== undefined && /^(19|20)\d+$/.test(text)) return `say --time-format ${tokens}, or ${IGNORE}`;
  const unit = likelyUnits(text).find((candidate) => isReadBy(candidate, value, clock));
  if (unit === undefined) return `correct the column, or ${IGNORE}`;
  const units = Object.keys(TIME_UNITS).join(', ');
  return `say --time-format with the unit (${units}), for example --time-format ${unit}, or ${IGNORE}`;
}

function likelyUnits(text: string): readonly TimeUnit[] {
  const units = Object.keys(TIME_UNITS) as TimeUnit[];
  return text.length > 10 ? [...units.slice(1), units[0]!] : units;
}
