import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import {
  ComputeThreads,
  computeTruncatedSvd,
  CsrMatrix,
  seededRandom,
  ShapeError,
  type TruncatedSvd,
} from '../index.js';
import { naiveGram } from '../reference/naive.js';
import { csrMatrices } from '../testing/random-csr.js';

const math = create(all as FactoryFunctionMap);
const TOLERANCE = 2e-3;

/** Falling eigenvalues of XᵀX by mathjs. */
function eigenvalues(x: CsrMatrix): number[] {
  const { values } = math.eigs(naiveGram(x)) as { values: number[] };
  return [...values].sort((a, b) => b - a);
}

/** Each entry is there with a chance of one in `sparsity`. */
function randomMatrix(numRows: number, numCols: number, sparsity: number): CsrMatrix {
  const random = seededRandom(numRows);
  const cells = Array.from({ length: numRows * numCols }, (_, cell) => cell).filter(
    () => random() < 1 / sparsity,
  );
  return CsrMatrix.fromCoo({
    numRows,
    numCols,
    rows: cells.map((cell) => Math.floor(cell / numCols)),
    cols: cells.map((cell) => cell % numCols),
    values: cells.map(() => random() + 0.1),
  });
}

/** All columns are as likely, so that no few of them stand out. */
function evenMatrix(numRows: number, numCols: number, perRow: number): CsrMatrix {
  const random = seededRandom(numRows);
  const cells = Array.from({ length: numRows }, (_, row) => {
    const cols = new Set(Array.from({ length: perRow }, () => Math.floor(random() * numCols)));
    return [...cols].map((col) => [row, col] as const);
  }).flat();
  return CsrMatrix.fromCoo({
    numRows,
    numCols,
    rows: cells.map(([row]) => row),
    cols: cells.map(([, col]) => col),
  });
}

/** ‖XᵀX·v − σ²·v‖ / σ_1² of each column, entry by entry in double precision. */
function naiveResiduals({ indptr, indices, values }: CsrMatrix, svd: TruncatedSvd): number[] {
  const { singularValues, right } = svd;
  return Array.from(singularValues, (sigma, rank) => {
    const off = Float64Array.from(
      { length: right.numRows },
      (_, col) => -(sigma ** 2) * right.row(col)[rank]!,
    );
    for (let row = 0; row + 1 < indptr.length; row++) {
      let image = 0;
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++)
        image += values[e]! * right.row(indices[e]!)[rank]!;
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++) off[indices[e]!]! += values[e]! * image;
    }
    return Math.hypot(...off) / singularValues[0]! ** 2;
  });
}

describe('computeTruncatedSvd', () => {
  const compute = new ComputeThreads({ threads: 1 });

  it('finds the largest singular values and vectors of any matrix', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(12, 12, 1), fc.nat(11), async (x, pick) => {
        fc.pre(x.numRows > 0 && x.nnz > 0);
        const rank = 1 + (pick % Math.min(x.numRows, x.numCols));
        const svd = await computeTruncatedSvd(compute, x, { rank, seed: 3 });
        const expected = eigenvalues(x).map((value) => Math.sqrt(Math.max(0, value)));
        const gram = naiveGram(x);
        const count = svd.singularValues.length;
        expect(svd.converged).toBe(true);
        svd.singularValues.forEach((value, i) =>
          expect(Math.abs(value - expected[i]!)).toBeLessThan(TOLERANCE * expected[0]!),
        );
        for (const missing of expected.slice(count, rank))
          expect(missing).toBeLessThanOrEqual(2e-3 * expected[0]!);
        for (let a = 0; a < count; a++) {
          const column = (index: number) =>
            Array.from({ length: x.numCols }, (_, row) => svd.right.row(row)[index]!);
          for (let b = 0; b <= a; b++) {
            const dot = column(a).reduce((sum, value, row) => sum + value * column(b)[row]!, 0);
            expect(dot).toBeCloseTo(a === b ? 1 : 0, 3);
          }
          const image = math.multiply(gram, column(a));
          image.forEach((value, row) =>
            expect(Math.abs(value - svd.singularValues[a]! ** 2 * column(a)[row]!)).toBeLessThan(
              TOLERANCE * expected[0]! ** 2,
            ),
          );
        }
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  it('reaches the tolerance by a second round where the spectrum decays slowly, the same bits with 1, 2 and 3 threads', async () => {
    const x = evenMatrix(4_000, 3_000, 6);
    const options = { rank: 100, seed: 5, tolerance: 1e-3 };
    const once = await computeTruncatedSvd(compute, x, { ...options, maxRounds: 1 });
    expect(once.converged).toBe(false);
    expect(Math.max(...once.residuals)).toBeGreaterThan(1e-3);
    const alone = await computeTruncatedSvd(compute, x, options);
    expect(alone).toMatchObject({ rounds: 2, converged: true });
    expect(naiveResiduals(x, alone).every((residual) => residual <= 1e-3)).toBe(true);
    for (const threads of [2, 3]) {
      const several = new ComputeThreads({ threads });
      expect(await computeTruncatedSvd(several, x, options)).toEqual(alone);
      several.close();
    }
  });

  it('says when the rank asked for is not there', async () => {
    const pairs = Array.from({ length: 120 }, (_, user) => [user, user % 2] as const);
    const x = CsrMatrix.fromCoo({
      numRows: 120,
      numCols: 100,
      rows: pairs.map(([user]) => user),
      cols: pairs.map(([, item]) => item),
    });
    const svd = await computeTruncatedSvd(compute, x, { rank: 5, seed: 1 });
    expect([...svd.singularValues].map((value) => value.toFixed(3))).toEqual(
      [Math.sqrt(60), Math.sqrt(60)].map((value) => value.toFixed(3)),
    );
    expect(svd.right.numCols).toBe(2);
    const empty = CsrMatrix.fromCoo({ numRows: 3, numCols: 4, rows: [], cols: [] });
    expect((await computeTruncatedSvd(compute, empty, { rank: 2, seed: 1 })).singularValues).toHaveLength(0);
  });

  it('stops after the rounds it may have and says so', async () => {
    const options = { rank: 20, seed: 5, tolerance: 1e-12, maxRounds: 2 };
    const svd = await computeTruncatedSvd(compute, randomMatrix(200, 150, 9), options);
    expect(svd).toMatchObject({ rounds: 2, converged: false });
  });

  it.each([0, 1.5, 4, NaN])('refuses rank %p of a 3 × 5 matrix', async (rank) => {
    const x = CsrMatrix.fromCoo({ numRows: 3, numCols: 5, rows: [0], cols: [0] });
    await expect(computeTruncatedSvd(compute, x, { rank, seed: 1 })).rejects.toThrow(ShapeError);
  });
});
