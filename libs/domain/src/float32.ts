/** Powers of ten that are doubles without an error. */
const TENS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Products this near to a half may be rounded either way. */
const NEAR_HALF = 1e-6;

/**
 * The shortest decimal that is the same float32: JSON then carries no digits that the model does not have.
 */
export function shortestFloat32(value: number): number {
  const exact = Math.fround(value);
  if (!Number.isFinite(exact)) return exact;
  if (exact === 0) return 0;
  const exponent = Math.floor(Math.log10(Math.abs(exact)));
  for (let digits = 6; digits < 9; digits++) {
    const candidate = round(exact, digits, digits - 1 - exponent);
    if (Math.fround(candidate) === exact) return candidate;
  }
  return Number(exact.toPrecision(9));
}

/** What `toPrecision` gives, by one exact division where the powers of ten allow it. */
function round(exact: number, digits: number, shift: number): number {
  const ten = TENS[shift];
  if (ten === undefined) return Number(exact.toPrecision(digits));
  const product = exact * ten;
  const whole = Math.round(product);
  const isPlain = Math.abs(whole) >= TENS[digits - 1]! && Math.abs(whole) < TENS[digits]!;
  if (!isPlain || Math.abs(Math.abs(product - whole) - 0.5) < NEAR_HALF)
    return Number(exact.toPrecision(digits));
  return whole / ten;
}
