import { LIMITS } from '#domain';
import type { Role } from '../columns/roles.js';
import { InvalidValue, isAbsent, quoted } from './invalid-value.js';

const DECIMAL_COMMA = /^[+-]?\d+,\d+$/;
const [BLANK, LETTER_A] = [0x20, 0x41];

/**
 * A finite number as people write it: no hexadecimal, no grouped thousands.
 *
 * @param decimalComma whether `4,5` is four and a half, as in tables whose columns are apart by `;`
 * @returns NaN for anything else
 */
export function toNumber(value: unknown, decimalComma = false): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value === '') return NaN;
  const text = value.charCodeAt(0) <= BLANK ? value.trim() : value;
  // Number() also reads 0x10, 0b1, 0o7 and nothing at all.
  if (text === '' || text.charCodeAt(1) >= LETTER_A) return /^\de/i.test(text) ? finite(Number(text)) : NaN;
  const number = Number(text);
  if (!Number.isNaN(number)) return finite(number);
  return decimalComma && DECIMAL_COMMA.test(text) ? Number(text.replace(',', '.')) : NaN;
}

function finite(number: number): number {
  return Number.isFinite(number) ? number : NaN;
}

/** Whether it is above 0 as a float32 too, as which it is stored. */
export function isWeight(number: number): boolean {
  return Math.fround(number) > 0 && number <= LIMITS.weight;
}

const WITHOUT_COMMAS = 'write it with a decimal point and nothing between thousands';

function hasComma(value: unknown): boolean {
  return typeof value === 'string' && /\d,\d/.test(value);
}

/** @throws InvalidValue */
export function readWeight(
  value: unknown,
  name: string | number,
  decimalComma: boolean,
  role: Role = 'weight',
): number {
  if (isAbsent(value)) return 1;
  const number = toNumber(value, decimalComma);
  if (isWeight(number)) return number;
  throw new InvalidValue(
    `${name} is ${quoted(value)}, and a weight must be a number above 0 and at most ${LIMITS.weight}`,
    { role, remedies: hasComma(value) ? [WITHOUT_COMMAS] : [] },
  );
}
