/**
 * 65520, the least float that rounds to infinity, and 2⁻¹⁴, the least half that is normal, as
 * bits of a float32.
 */
const [TOO_LARGE, LEAST_NORMAL] = [0x477ff000, 0x38800000];
const INFINITE_FLOAT = 0x7f800000;
const INFINITE_HALF = 0x7c00;
const QUIET_NAN = 0x7e00;
/** Of the exponents: 127 of a float32 less 15 of a half, above its 23 bits of fraction. */
const BIAS = 112 << 23;
/** A half has 13 bits of fraction less, half of whose last place is just above this. */
const JUST_BELOW_HALF = 0xfff;
/** Halves below 2⁻¹⁴ are multiples of 2⁻²⁴. */
const LEAST_HALF = 2 ** -24;
/** Doubles from here on are whole, so that adding this rounds, ties to even. */
const ROUNDS_TO_WHOLE = 2 ** 52;

/**
 * The IEEE 754 binary16 nearest to each value, ties to even, as bits: sign, 5 bits of exponent, 10 of
 * fraction. Values from 65520 on are infinite. Takes no memory but for the answer.
 */
export function encodeHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let e = 0; e < halves.length; e++) {
    const magnitude = bits[e]! & 0x7fffffff;
    const sign = (bits[e]! >>> 16) & 0x8000;
    if (magnitude < LEAST_NORMAL) halves[e] = sign | roundSmall(values[e]!);
    else if (magnitude < TOO_LARGE)
      // What is carried out of the fraction raises the exponent, as it should.
      halves[e] = sign | ((magnitude - BIAS + JUST_BELOW_HALF + ((magnitude >>> 13) & 1)) >>> 13);
    else halves[e] = sign | (magnitude <= INFINITE_FLOAT ? INFINITE_HALF : nanOf(magnitude));
  }
  return halves;
}

function roundSmall(value: number): number {
  return Math.abs(value) / LEAST_HALF + ROUNDS_TO_WHOLE - ROUNDS_TO_WHOLE;
}

/** As much of what it carries as there is room for. */
function nanOf(magnitude: number): number {
  return QUIET_NAN | ((magnitude >>> 13) & 0x3ff);
}

/**
 * The values of halves, which float32 has all exactly.
 *
 * @param values where they are written; absent: a new array
 */
export function decodeHalves(
  halves: Uint16Array,
  values: Float32Array = new Float32Array(halves.length),
): Float32Array {
  floatsOfHalves ??= Float32Array.from({ length: 65_536 }, (_, bits) => decodeHalf(bits));
  for (let e = 0; e < halves.length; e++) values[e] = floatsOfHalves[halves[e]!]!;
  return values;
}

/** By the bits of a half. */
let floatsOfHalves: Float32Array | undefined;

/** (−1)^s · 2^(x − 25) · (1024 + f) of sign s, exponent x and fraction f; 2⁻²⁴ · f where x is 0. */
function decodeHalf(bits: number): number {
  const [exponent, fraction] = [(bits >>> 10) & 31, bits & 0x3ff];
  const sign = bits < 0x8000 ? 1 : -1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * LEAST_HALF : (1_024 + fraction) * 2 ** (exponent - 25));
}
