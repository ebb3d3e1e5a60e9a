import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import {
  ComputeThreads,
  CsrMatrix,
  DenseMatrix,
  factorGram,
  factorGramHere,
  isKernelSupported,
  KERNEL_NAMES,
  loadKernels,
  RowSolver,
  seededRandom,
  ShapeError,
  SingularMatrixError,
  solveRows,
} from '../index.js';
import { toDense } from '../reference/naive.js';
import { csrMatrices } from '../testing/random-csr.js';

const math = create(all as FactoryFunctionMap);
const TOLERANCE = 1e-5;
const RUNS = { numRuns: 60, seed: 20_263 };

function randomFactors(numRows: number, numCols: number, seed: number): DenseMatrix {
  const random = seededRandom(seed);
  const factors = DenseMatrix.zeros(numRows, numCols);
  factors.values.forEach((_, e) => (factors.values[e] = random() - 0.5));
  return factors;
}

function rowsOf(matrix: DenseMatrix): number[][] {
  return Array.from({ length: matrix.numRows }, (_, row) => [...matrix.row(row)]);
}

/** Weights above zero, as confidences are; rows of many lengths, some of them empty. */
function interactions(numRows: number, numCols: number): CsrMatrix {
  const random = seededRandom(numRows);
  const pairs = Array.from({ length: numRows }, (_, row) =>
    Array.from({ length: numCols }, (_, col) => [row, col] as const).filter(() => random() < (row % 7) / 20),
  ).flat();
  return CsrMatrix.fromCoo({
    numRows,
    numCols,
    rows: pairs.map(([row]) => row),
    cols: pairs.map(([, col]) => col),
    values: pairs.map(([row, col]) => 0.5 + ((row + col) % 4)),
  });
}

/** w of one row by the book. */
function solveNaively(row: readonly number[], factors: DenseMatrix, scale: number, ridge: number): number[] {
  const h = rowsOf(factors);
  const transposed = math.transpose(h);
  const weighted = h.map((entries, item) => entries.map((entry) => entry * row[item]!));
  const identity = math.multiply(ridge, math.identity(factors.numCols)) as math.Matrix;
  const a = math.add(
    math.add(math.multiply(scale, math.multiply(transposed, h)), math.multiply(transposed, weighted)),
    identity.toArray() as number[][],
  ) as unknown as number[][];
  const b = factors.values.length === 0 ? [] : math.multiply(transposed, row as number[]);
  return (math.lusolve(a, b) as number[][]).flat();
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let e = 0; e < actual.length; e++)
    expect(Math.abs(actual[e]! - expected[e]!)).toBeLessThanOrEqual(TOLERANCE * (1 + Math.abs(expected[e]!)));
}

describe.each(KERNEL_NAMES)('alternating least squares by the %s kernels', (name) => {
  const given = isKernelSupported(name) ? it : it.skip;
  const compute = new ComputeThreads({ threads: 1, kernels: loadKernels(name) });

  given('solves every row as mathjs does, by itself and in a block', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(7, 12, 1), fc.integer({ min: 1, max: 20 }), async (given, width) => {
        const { numRows, numCols, indptr, indices, values } = given;
        const x = new CsrMatrix({ numRows, numCols, indptr, indices, values: values.map(Math.abs) });
        const factors = randomFactors(numCols, width, width);
        const base = await factorGram(compute, factors, 0.3);
        const ridge = Float32Array.from({ length: numRows }, (_, row) => 0.5 + row);
        const out = await solveRows(compute, x, { factors, base, ridge });
        const alone = new RowSolver(compute.kernels, { factors, base });
        toDense(x).forEach((row, r) => {
          expectClose(out.row(r), solveNaively(row, factors, 0.3, ridge[r]!));
          expect(alone.solve(x.row(r), ridge[r]!)).toEqual(Float32Array.from(out.row(r)));
        });
      }),
      RUNS,
    );
  });

  given('solves with another right-hand side', () => {
    const x = interactions(8, 9);
    const factors = randomFactors(9, 5, 3);
    const solver = new RowSolver(compute.kernels, {
      factors,
      base: factorGramHere(compute.kernels, factors, 0.1),
    });
    const [right, row] = [factors.row(4), 6];
    const w = [...solver.solve(x.row(row), 2, right)];
    // wᵀb must equal rightᵀ·A⁻¹b, since A is symmetric.
    const b = math.multiply(math.transpose(rowsOf(factors)), toDense(x)[row]!);
    const usual = [...solver.solve(x.row(row), 2)];
    expect(math.dot(w, b)).toBeCloseTo(math.dot([...right], usual), 5);
  });

  given('refuses a row that float32 cannot solve, and goes on', () => {
    const factors = new DenseMatrix(1, 2, Float32Array.of(0.3, 0.3));
    const solver = new RowSolver(compute.kernels, { factors, base: DenseMatrix.zeros(2, 2) });
    const row = { indices: Uint32Array.of(0), values: Float32Array.of(1) };
    expect(() => solver.solve(row, 0)).toThrow(new SingularMatrixError(1));
    expect(solver.solve(row, 1)[0]).toBeCloseTo(0.3 / 1.18, 6);
  });
});

describe('factorGram', () => {
  it('equals the dense product across blocks of rows, on any thread', async () => {
    const compute = new ComputeThreads({ threads: 1 });
    const factors = randomFactors(4_500, 9, 5);
    const gram = await factorGram(compute, factors, 0.25);
    const expected = math
      .multiply(math.transpose(rowsOf(factors)), rowsOf(factors))
      .map((row) => row.map((value) => value / 4));
    expected.forEach((row, i) =>
      row.forEach((value, j) => expect(Math.abs(gram.row(i)[j]! - value)).toBeLessThan(1e-3)),
    );
    expect(factorGramHere(compute.kernels, factors, 0.25)).toEqual(gram);
  });

  it('is zero without rows', () => {
    const gram = factorGramHere(loadKernels(), DenseMatrix.zeros(0, 3), 1);
    expect([...gram.values]).toEqual(new Array(9).fill(0));
  });
});

describe('solveRows', () => {
  const x = interactions(400, 60);
  const factors = randomFactors(60, 13, 1);
  const ridge = Float32Array.from({ length: 400 }, (_, row) => 1 + (row % 3));

  it('gives the same bits, however many threads there are', async () => {
    const solve = async (threads: number) => {
      const compute = new ComputeThreads({ threads });
      try {
        const base = await factorGram(compute, randomFactors(5_000, 13, 2), 0.01);
        const shares: number[] = [];
        const onProgress = (share: number) => shares.push(share);
        const out = await solveRows(compute, x, { factors, base, ridge }, { onProgress });
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
        expect(shares.at(-1)).toBe(1);
        return { base: [...base.values], out: [...out.values] };
      } finally {
        compute.close();
      }
    };
    const alone = await solve(1);
    for (const threads of [2, 3]) expect(await solve(threads)).toEqual(alone);
  });

  it('overwrites what it is given for the solutions', async () => {
    const compute = new ComputeThreads({ threads: 1 });
    const base = factorGramHere(compute.kernels, factors, 0.1);
    const out = DenseMatrix.zeros(400, 13);
    out.values.fill(Number.NaN);
    expect(await solveRows(compute, x, { factors, base, ridge }, { out })).toBe(out);
    expect(out).toEqual(await solveRows(compute, x, { factors, base, ridge }));
  });

  it('refuses what does not belong together', async () => {
    const compute = new ComputeThreads({ threads: 1 });
    const base = DenseMatrix.zeros(13, 13);
    const negative = CsrMatrix.fromCoo({ numRows: 1, numCols: 60, rows: [0], cols: [0], values: [-1] });
    await expect(solveRows(compute, negative, { factors, base, ridge })).rejects.toThrow(ShapeError);
    await expect(solveRows(compute, x, { factors, base, ridge: ridge.subarray(1) })).rejects.toThrow(
      ShapeError,
    );
    await expect(solveRows(compute, x, { factors: randomFactors(59, 13, 1), base, ridge })).rejects.toThrow(
      ShapeError,
    );
    await expect(solveRows(compute, x, { factors, base: DenseMatrix.zeros(12, 13), ridge })).rejects.toThrow(
      ShapeError,
    );
    for (const out of [DenseMatrix.zeros(399, 13), new DenseMatrix(400, 13, new Float32Array(5_200))])
      await expect(solveRows(compute, x, { factors, base, ridge }, { out })).rejects.toThrow(ShapeError);
    const solver = new RowSolver(compute.kernels, { factors, base });
    for (const [item, weight] of [
      [60, 1],
      [0, -1],
      [0, Number.NaN],
    ] as const) {
      const row = { indices: Uint32Array.of(item), values: Float32Array.of(weight) };
      expect(() => solver.solve(row, 1)).toThrow(ShapeError);
    }
    expect(() => new RowSolver(compute.kernels, { factors, base: DenseMatrix.zeros(12, 12) })).toThrow(
      ShapeError,
    );
  });
});
