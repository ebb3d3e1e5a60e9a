import fc from 'fast-check';
import { shortestFloat32 } from './float32.js';

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
});
