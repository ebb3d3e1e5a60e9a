import fc from 'fast-check';
import { FactorMatrix, ShapeError } from '../index.js';
import { randomFactors, STORED_AS, toNumbers } from '../testing/random-factors.js';

const RUNS = { numRuns: 80, seed: 61 };
/** Rounding of one float. */
const TOLERANCE = 2 ** -24;

const matrices = fc
  .record({
    numRows: fc.integer({ min: 1, max: 9 }),
    numCols: fc.integer({ min: 0, max: 40 }),
    storedAs: fc.constantFrom(...STORED_AS),
  })
  .map(({ numRows, numCols, storedAs }) => randomFactors(numRows, numCols, storedAs));

function expectNear(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, at) =>
    expect(Math.abs(actual[at]! - value)).toBeLessThanOrEqual(TOLERANCE * Math.abs(value)),
  );
}

describe('a matrix of factors', () => {
  it('reads rows as the numbers that are stored', () => {
    fc.assert(
      fc.property(matrices, (factors) => {
        const dense = factors.toDense();
        toNumbers(factors).forEach((numbers, row) => {
          expectNear(factors.row(row), numbers);
          expect(dense.row(row)).toEqual(factors.row(row));
        });
      }),
      RUNS,
    );
  });

  it('multiplies and adds rows up in double precision', () => {
    fc.assert(
      fc.property(matrices, fc.nat(8), (factors, pick) => {
        const row = pick % factors.numRows;
        const numbers = toNumbers(factors)[row]!;
        const vector = Float64Array.from(numbers, (_, f) => Math.sin(f));
        const sum = numbers.reduce((total, value, f) => total + value * vector[f]!, 0);
        expect(factors.dotRow(row, vector)).toBeCloseTo(sum, 12);
        const sums = Float64Array.from(vector);
        factors.addRow(row, -0.7, sums);
        sums.forEach((value, f) => expect(value).toBeCloseTo(vector[f]! - 0.7 * numbers[f]!, 12));
      }),
      RUNS,
    );
  });

  it('is the same in parts, and in shared memory', () => {
    fc.assert(
      fc.property(matrices, fc.nat(9), (factors, at) => {
        const split = at % (factors.numRows + 1);
        const parts = [factors.rows(0, split), factors.rows(split, factors.numRows)];
        expect(parts.flatMap(toNumbers)).toEqual(toNumbers(factors));
        const shared = FactorMatrix.of(factors.share());
        expect(shared.values.buffer).toBeInstanceOf(SharedArrayBuffer);
        expect(toNumbers(shared)).toEqual(toNumbers(factors));
        expect(shared.share().values).toBe(shared.values);
      }),
      RUNS,
    );
  });

  it('keeps floats where they are', () => {
    const floats = randomFactors(3, 4, 'floats');
    expect(floats.toDense().values).toBe(floats.values);
    floats.row(1)[2] = 9;
    expect(floats.values[6]).toBe(9);
  });

  it('refuses what does not fit', () => {
    expect(() => new FactorMatrix(2, 2, new Float32Array(3))).toThrow(ShapeError);
    expect(() => new FactorMatrix(2, 2, new Float32Array(4), new Float32Array(2))).toThrow(ShapeError);
    expect(() => new FactorMatrix(2, 2, new Int8Array(4))).toThrow(ShapeError);
    expect(() => new FactorMatrix(2, 2, new Int8Array(4), new Float32Array(3))).toThrow(ShapeError);
  });
});
