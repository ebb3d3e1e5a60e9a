import fc from 'fast-check';
import { ComputeThreads, gramFactors, GramProducts, largestPerRow, SymmetricStrips } from '../index.js';
import { toDense } from '../reference/naive.js';
import {
  expectClose,
  naiveSeries,
  randomDense,
  SERIES,
  times,
  toRows,
  TOLERANCE,
} from '../testing/dense-rows.js';
import { csrMatrices } from '../testing/random-csr.js';

const RUNS = { numRuns: 40, seed: 31 };

describe('Chebyshev series of XᵀX', () => {
  const compute = new ComputeThreads({ threads: 1 });

  it('equal the dense polynomial, column panels of every width', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(8, 8, 1), fc.constantFrom(1, 3, 16, 17, 65, 130), async (x, width) => {
        const blocks = [randomDense(x.numCols, width, width), randomDense(x.numCols, 2, 5)];
        const products = new GramProducts(compute, x);
        const images = await products.apply(SERIES, blocks);
        await products.close();
        blocks.forEach((q, block) => {
          const dense = toRows(q.numRows, q.numCols, (i, j) => q.row(i)[j]!);
          expectClose(images[block]!.values, times(naiveSeries(x, SERIES), dense).flat());
        });
      }),
      RUNS,
    );
  });

  it('give strips, with a low-rank part added, whose largest entries are kept', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(8, 9, 2), fc.integer({ min: 1, max: 9 }), async (x, keep) => {
        const vectors = randomDense(x.numCols, 3, keep);
        const weights = Float32Array.of(1, -2, 0.5);
        const strips = SymmetricStrips.filtered(gramFactors(compute, x), SERIES, { vectors, weights });
        const columns = Float32Array.from({ length: x.numCols }, (_, j) => 1 + (j % 3));
        const kept = toDense(await largestPerRow(compute, { matrix: strips, scaling: { columns } }, keep));
        const series = naiveSeries(x, SERIES);
        kept.forEach((row, i) => {
          const whole = series[i]!.map((value, j) => {
            const low = weights.reduce(
              (sum, weight, f) => sum + weight * vectors.row(i)[f]! * vectors.row(j)[f]!,
              0,
            );
            return (value + low) * columns[j]!;
          });
          const others = whole.filter((_, j) => j !== i && row[j] === 0).map(Math.abs);
          row.forEach((value, j) => {
            if (value === 0) return;
            expect(Math.abs(value - whole[j]!)).toBeLessThan(TOLERANCE * (1 + Math.abs(value)));
            expect(Math.abs(value)).toBeGreaterThanOrEqual(Math.max(0, ...others) - TOLERANCE);
          });
          expect(row.filter((value) => value !== 0).length).toBeLessThanOrEqual(keep);
        });
      }),
      RUNS,
    );
  });
});
