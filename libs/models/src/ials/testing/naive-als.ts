import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import {
  ComputeThreads,
  CsrMatrix,
  DenseMatrix,
  factorGramHere,
  FactorMatrix,
  loadKernels,
  seededNormal,
} from '#sparse';
import { IalsModel } from '../ials.model.js';
import { ialsParameters, type IalsParameters } from '../ials.params.js';

const math = create(all as FactoryFunctionMap);

/** Unrounded and small, unless a test says otherwise. */
export function parameters(given: Partial<IalsParameters> = {}): IalsParameters {
  return ialsParameters.parse({ storage: 'f32', factors: 3, epochs: 5, regularization: 0.05, ...given });
}

export const onOneThread = () => ({ compute: new ComputeThreads({ threads: 1 }), seed: 1 });

function toRows(matrix: CsrMatrix): number[][] {
  return Array.from({ length: matrix.numRows }, (_, user) => {
    const row = new Array<number>(matrix.numCols).fill(0);
    matrix.row(user).indices.forEach((item, e) => (row[item] = matrix.row(user).values[e]!));
    return row;
  });
}

export function rowsOf(matrix: DenseMatrix): number[][] {
  return Array.from({ length: matrix.numRows }, (_, row) => [...matrix.row(row)]);
}

function transpose(rows: readonly number[][], width: number): number[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]!));
}

/** Weights 1 to 3 in the place of ones. */
export function weighted(matrix: CsrMatrix): CsrMatrix {
  return matrix.withValues(matrix.values.map((_, e) => 1 + (e % 3)));
}

function ridge(row: readonly number[], given: IalsParameters): number {
  const weight = row.reduce((sum, value) => sum + value, 0) + given.unobservedWeight * row.length;
  return given.regularization * weight ** given.regularizationExponent;
}

/** One side of the alternation by the book, with mathjs, in double precision. */
function solveNaively(
  x: readonly number[][],
  factors: readonly number[][],
  given: IalsParameters,
): number[][] {
  return x.map((row) => {
    const a = (math.identity(given.factors) as math.Matrix).toArray() as number[][];
    const b = new Array<number>(given.factors).fill(0);
    a.forEach((entries, p) =>
      entries.forEach((entry, q) => {
        const sum = factors.reduce(
          (total, h, item) => total + (row[item]! + given.unobservedWeight) * h[p]! * h[q]!,
          0,
        );
        a[p]![q] = entry * ridge(row, given) + sum;
      }),
    );
    factors.forEach((h, item) => h.forEach((entry, p) => (b[p]! += row[item]! * entry)));
    return (math.lusolve(a, b) as number[][]).flat();
  });
}

/** W and H by the book from the same start. */
export function factoriseNaively(matrix: CsrMatrix, given: IalsParameters) {
  const normal = seededNormal(1);
  const x = toRows(matrix);
  let items = Array.from({ length: matrix.numCols }, () =>
    Array.from({ length: given.factors }, () => (0.1 / Math.sqrt(given.factors)) * normal()),
  );
  let users: number[][] = [];
  for (let epoch = 0; epoch < given.epochs; epoch++) {
    users = solveNaively(x, items, given);
    items = solveNaively(transpose(x, matrix.numCols), users, given);
  }
  return { users, items };
}

function squareOf(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + value * value, 0);
}

/** L, term by term. */
export function objective(
  matrix: CsrMatrix,
  users: number[][],
  items: number[][],
  given: IalsParameters,
): number {
  const x = toRows(matrix);
  const columns = transpose(x, matrix.numCols);
  let sum = 0;
  x.forEach((row, user) =>
    row.forEach((value, item) => {
      const score = math.dot(users[user]!, items[item]!);
      sum += value * (score - 1) ** 2 + given.unobservedWeight * score ** 2;
    }),
  );
  users.forEach((w, user) => (sum += ridge(x[user]!, given) * squareOf(w)));
  items.forEach((h, item) => (sum += ridge(columns[item]!, given) * squareOf(h)));
  return sum;
}

/** A model of given factors. */
export function modelOf(rows: number[][], given: IalsParameters): IalsModel {
  const factors = new FactorMatrix(rows.length, rows[0]!.length, Float32Array.from(rows.flat()));
  const kernels = loadKernels();
  const base = factorGramHere(kernels, factors.toDense(), given.unobservedWeight);
  return new IalsModel(kernels, { factors, base, penalty: given, storage: 'f32', kernel: kernels.name });
}

export const anyParameters = fc.record({
  factors: fc.integer({ min: 1, max: 9 }),
  regularization: fc.constantFrom(0.02, 0.1, 0.5),
  regularizationExponent: fc.constantFrom(0, 0.5, 1),
  unobservedWeight: fc.constantFrom(0.05, 0.3, 1),
  epochs: fc.integer({ min: 1, max: 4 }),
});
