import { lowerBound } from './lower-bound.js';

describe('a lower bound', () => {
  const numbers = [1, 3, 3, 7];
  const placeOf = (value: number, from = 0) =>
    lowerBound(from, numbers.length, (place) => numbers[place]! < value);

  it('is the first place of at least a value, and the end where there is none', () => {
    expect([0, 1, 2, 3, 4, 7, 8].map((value) => placeOf(value))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  });

  it('is looked for in a part alone', () => {
    expect(placeOf(1, 2)).toBe(2);
    expect(placeOf(7, 4)).toBe(4);
  });
});
