import fc from 'fast-check';
import { sortEntries } from './sort-entries.js';

/** Rows on both sides of the length from which another sort is taken. */
const rows = fc.uniqueArray(fc.nat(2 ** 26 - 1), { maxLength: 100 });

describe('sortEntries', () => {
  it('puts the entries of a range in the order of their indices, each with its value', () => {
    fc.assert(
      fc.property(rows, fc.nat(100), fc.nat(100), fc.boolean(), (row, from, to, isInOrder) => {
        const [start, end] = [Math.min(from, to, row.length), Math.min(Math.max(from, to), row.length)];
        const given = isInOrder ? row.toSorted((a, b) => a - b) : row;
        const [indices, values] = [Uint32Array.from(given), Float32Array.from(given, (index) => index / 7)];
        sortEntries(indices, values, start, end);
        const sorted = given.slice(start, end).sort((a, b) => a - b);
        const expected = [...given.slice(0, start), ...sorted, ...given.slice(end)];
        expect([...indices]).toEqual(expected);
        expect(values).toEqual(Float32Array.from(expected, (index) => index / 7));
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('takes all entries when it is told no range', () => {
    const [indices, values] = [Uint32Array.of(5, 0, 3), Float32Array.of(1, 2, 3)];
    sortEntries(indices, values);
    expect([[...indices], [...values]]).toEqual([
      [0, 3, 5],
      [2, 3, 1],
    ]);
  });
});
