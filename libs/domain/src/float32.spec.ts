import fc from 'fast-check';
import { shortestFloat32 } from './float32.js';

/** By text alone. */
function slowTwin(value: number): number {
  for (let digits = 6; digits < 9; digits++)
    if (Math.fround(Number(value.toPrecision(digits))) === value) return Number(value.toPrecision(digits));
  return Number(value.toPrecision(9));
}

describe('shortestFloat32', () => {
  it('is the same float32 with no digit too many', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const short = shortestFloat32(value);
        expect(Math.fround(short)).toBe(value === 0 ? short : value);
        const digits = short.toExponential().replace(/e.*$/, '').replace(/[-.]/g, '').length;
        for (let fewer = 6; fewer < digits; fewer++)
          expect(Math.fround(Number(value.toPrecision(fewer)))).not.toBe(value);
      }),
      { seed: 2, numRuns: 2_000 },
    );
    expect(shortestFloat32(Math.fround(0.1))).toBe(0.1);
  });

  it('is what rounding by text gives', () => {
    const scores = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ min: -100, max: 100, noNaN: true }),
      fc.integer({ min: -(2 ** 24), max: 2 ** 24 }),
    );
    const sameAsText = (value: number) => expect(shortestFloat32(value)).toBe(slowTwin(value));
    fc.assert(fc.property(scores, sameAsText), { seed: 3, numRuns: 20_000 });
    for (const value of [0, -0, 1, 0.5, 9.999999, 1e10, 1e-45, 3.4028234663852886e38])
      sameAsText(Math.fround(value));
  });
});
