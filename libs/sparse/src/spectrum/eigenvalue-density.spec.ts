import { ComputeThreads, CsrMatrix, GramProducts, seededRandom } from '../index.js';
import { estimateSpectrum } from './eigenvalue-density.js';

/** A matrix whose Gram matrix has the given eigenvalues: each user has one item, of that weight. */
function withEigenvalues(values: readonly number[]): CsrMatrix {
  const places = values.map((_, place) => place);
  const [numRows, numCols] = [values.length, values.length];
  return CsrMatrix.fromCoo({ numRows, numCols, rows: places, cols: places, values: values.map(Math.sqrt) });
}

describe('estimateSpectrum', () => {
  const compute = new ComputeThreads({ threads: 1 });
  const estimate = (x: CsrMatrix, count: number, by = compute) =>
    estimateSpectrum(by.kernels, new GramProducts(by, x), count, 7);

  it('finds the largest eigenvalue and how far down a number of them reach', async () => {
    const random = seededRandom(3);
    const values = Array.from({ length: 2_000 }, () => random() ** 4);
    const falling = [...values].sort((a, b) => b - a);
    for (const count of [100, 300, 1_000]) {
      const { top, cutOff } = await estimate(withEigenvalues(values), count);
      expect(Math.abs(top - falling[0]!)).toBeLessThan(0.02);
      expect(cutOff).toBeLessThan(falling[Math.floor(count * 0.7)]!);
      expect(cutOff).toBeGreaterThan(falling[Math.ceil(count * 1.4)]!);
    }
  });

  it('knows a matrix of one eigenvalue, of none, and of one column', async () => {
    const same = await estimate(withEigenvalues(new Array<number>(40).fill(4)), 10);
    expect(same.top).toBeCloseTo(4, 4);
    expect(same.cutOff).toBeCloseTo(4, 4);
    const empty = CsrMatrix.fromCoo({ numRows: 3, numCols: 4, rows: [], cols: [] });
    expect(await estimate(empty, 2)).toEqual({ top: 0, cutOff: 0 });
    expect((await estimate(withEigenvalues([9]), 1)).cutOff).toBeCloseTo(9, 4);
  });

  it('gives the same bits with 1, 2 and 3 threads', async () => {
    const x = withEigenvalues(Array.from({ length: 100 }, (_, i) => 1 / (1 + i)));
    const alone = await estimate(x, 20);
    for (const threads of [2, 3]) {
      const several = new ComputeThreads({ threads });
      expect(await estimate(x, 20, several)).toEqual(alone);
      several.close();
    }
  });
});
