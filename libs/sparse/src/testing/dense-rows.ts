import { CsrMatrix, DenseMatrix, seededRandom, type ChebyshevSeries } from '../index.js';
import { naiveGram } from '../reference/naive.js';

export const TOLERANCE = 1e-4;
export const SERIES: ChebyshevSeries = { scale: 0.1, shift: -0.5, coefficients: [0.3, -1, 0.25, 0.5] };

export type Rows = number[][];

export function times(a: Rows, b: Rows): Rows {
  return a.map((row) => b[0]!.map((_, col) => row.reduce((sum, value, p) => sum + value * b[p]![col]!, 0)));
}

/** p(G) by the recurrence on whole matrices. */
export function naiveSeries(x: CsrMatrix, { scale, shift, coefficients }: ChebyshevSeries): Rows {
  const identity = toRows(x.numCols, x.numCols, (i, j) => Number(i === j));
  const mapped = naiveGram(x).map((row, i) => row.map((g, j) => scale * g + shift * identity[i]![j]!));
  const terms = [identity, mapped];
  while (terms.length < coefficients.length) {
    const [previous, current] = terms.slice(-2) as [Rows, Rows];
    terms.push(times(mapped, current).map((row, i) => row.map((v, j) => 2 * v - previous[i]![j]!)));
  }
  return toRows(x.numCols, x.numCols, (i, j) =>
    coefficients.reduce((sum, coefficient, degree) => sum + coefficient * terms[degree]![i]![j]!, 0),
  );
}

export function toRows(numRows: number, numCols: number, entry: (i: number, j: number) => number): Rows {
  return Array.from({ length: numRows }, (_, i) => Array.from({ length: numCols }, (_, j) => entry(i, j)));
}

export function randomDense(numRows: number, numCols: number, seed: number): DenseMatrix {
  const random = seededRandom(seed);
  const matrix = DenseMatrix.zeros(numRows, numCols);
  for (let e = 0; e < matrix.values.length; e++) matrix.values[e] = random() - 0.5;
  return matrix;
}

export function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, e) =>
    expect(Math.abs(actual[e]! - value)).toBeLessThanOrEqual(TOLERANCE * (1 + Math.abs(value))),
  );
}
