import { Float16Array } from '@petamoriken/float16';
import fc from 'fast-check';
import { decodeHalves, encodeHalves } from './halves.js';

const RUNS = { seed: 16, numRuns: 400 };
const ALL_HALVES = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

function floatsOf(bits: Uint32Array): Float32Array {
  return new Float32Array(bits.buffer, bits.byteOffset, bits.length);
}

/** What the library makes of them, one by one. */
function slowHalves(values: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(values).buffer);
}

/**
 * Floats whose exponents are those of halves, or near them: of all floats only one in ten is neither 0 nor
 * infinite as a half.
 */
const nearHalves = fc
  .tuple(fc.integer({ min: 127 - 27, max: 127 + 18 }), fc.nat(0x7fffff), fc.nat(1))
  .map(([exponent, fraction, sign]) => ((sign << 31) | (exponent << 23) | fraction) >>> 0);
const anyFloats = fc.array(fc.oneof(nearHalves, fc.nat(0xffffffff)), { maxLength: 50 });

describe('halves', () => {
  it('are encoded to the bit as the library does, of any floats', () => {
    fc.assert(
      fc.property(anyFloats, (bits) => {
        const values = floatsOf(Uint32Array.from(bits));
        expect(encodeHalves(values)).toEqual(slowHalves(values));
      }),
      RUNS,
    );
  });

  it('are encoded to the bit as the library does at, between and beside all halves there are', () => {
    const finite = ALL_HALVES.filter((half) => (half & 0x7fff) < 0x7c00);
    const floats = new Uint32Array(decodeHalves(finite).buffer);
    // The next half is 2¹³ floats on, or more where halves are subnormal.
    const next = new Uint32Array(decodeHalves(finite.map((half) => half + 1)).buffer);
    const ties = floats.map((_, e) => floatBetween(floats[e]!, next[e]!));
    for (const base of [floats, ties])
      for (const step of [-1, 0, 1]) {
        const values = floatsOf(base.map((bits) => bits + step));
        expect(encodeHalves(values)).toEqual(slowHalves(values));
      }
  });

  it.each([
    [65_504, 0x7bff],
    [65_519.996, 0x7bff],
    [65_520, 0x7c00],
    [3.4e38, 0x7c00],
    [Infinity, 0x7c00],
    [NaN, 0x7e00],
    [0, 0],
    [1, 0x3c00],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 ** -14 - 2 ** -25, 0x400],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [1.5 * 2 ** -24, 2],
    [1e-45, 0],
  ])('of %p are %p', (value, half) => {
    expect([...encodeHalves(Float32Array.of(value))]).toEqual([half]);
    if (value === value) expect([...encodeHalves(Float32Array.of(-value))]).toEqual([half | 0x8000]);
  });

  it('are decoded as the library does, all of them', () => {
    const expected = Float32Array.from(new Float16Array(ALL_HALVES.buffer));
    expect(decodeHalves(ALL_HALVES)).toEqual(expected);
    const shared = new Float32Array(new SharedArrayBuffer(4 * expected.length));
    expect(decodeHalves(ALL_HALVES, shared)).toBe(shared);
    expect([...shared]).toEqual([...expected]);
  });

  it('are of the part of the memory that is given', () => {
    const whole = Float32Array.of(9, 0.5, -2, 9);
    expect([...decodeHalves(encodeHalves(whole.subarray(1, 3)))]).toEqual([0.5, -2]);
    expect(encodeHalves(new Float32Array())).toHaveLength(0);
  });
});

/** In the middle of two halves, in numbers and not in bits. */
function floatBetween(one: number, other: number): number {
  const [low, high] = floatsOf(Uint32Array.of(one, other));
  return new Uint32Array(Float32Array.of((low! + high!) / 2).buffer)[0]!;
}
