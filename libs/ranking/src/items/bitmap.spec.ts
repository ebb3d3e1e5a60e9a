import fc from 'fast-check';
import { Bitmap } from './bitmap.js';

const RUNS = { numRuns: 200, seed: 11 };
const keys = fc.uniqueArray(fc.nat(130));

function bitmapOf(members: readonly number[]): Bitmap {
  const bitmap = new Bitmap();
  for (const key of members) bitmap.set(key, true);
  return bitmap;
}

function membersOf(bitmap: Bitmap): number[] {
  return Array.from({ length: 200 }, (_, key) => key).filter((key) => bitmap.has(key));
}

const sorted = (members: Iterable<number>) => [...members].sort((a, b) => a - b);

describe('Bitmap', () => {
  it('is what sets are, whatever the sizes', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        expect(membersOf(bitmapOf(a))).toEqual(sorted(a));
        expect(membersOf(bitmapOf(a).intersect(bitmapOf(b)))).toEqual(
          sorted(a.filter((key) => b.includes(key))),
        );
        expect(membersOf(bitmapOf(a).subtract(bitmapOf(b)))).toEqual(
          sorted(a.filter((key) => !b.includes(key))),
        );
        expect(membersOf(bitmapOf(a).unite(bitmapOf(b)))).toEqual(sorted(new Set([...a, ...b])));
      }),
      RUNS,
    );
  });

  it.each([0, 1, 31, 32, 33, 100])('has all of %i keys and no more', (size) => {
    expect(membersOf(Bitmap.all(size))).toEqual(Array.from({ length: size }, (_, key) => key));
  });

  it('lets keys go again', () => {
    const bitmap = bitmapOf([3, 64]);
    bitmap.set(64, false);
    bitmap.set(1_000, false);
    expect(membersOf(bitmap)).toEqual([3]);
  });
});
