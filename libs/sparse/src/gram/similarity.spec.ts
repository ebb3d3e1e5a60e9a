import fc from 'fast-check';
import {
  ComputeThreads,
  CsrMatrix,
  isKernelSupported,
  KERNEL_NAMES,
  loadKernels,
  nearestColumns,
  ShapeError,
} from '../index.js';
import { naiveNearestColumns, toDense } from '../reference/naive.js';
import { csrMatrices } from '../testing/random-csr.js';

const FLOAT32_TOLERANCE = 1e-5;

describe.each(KERNEL_NAMES)('nearestColumns by the %s kernels', (name) => {
  const given = isKernelSupported(name) ? it : it.skip;

  given('keeps of each row what a full sort of the dense similarities keeps', async () => {
    const compute = new ComputeThreads({ threads: 1, kernels: loadKernels(name) });
    await fc.assert(
      fc.asyncProperty(
        csrMatrices(9, 30, 1),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(3),
        fc.constantFrom(1, 0.7, 1.4),
        async (x, keep, shrinkage, power) => {
          const norms = Float32Array.from({ length: x.numCols }, (_, column) => 2 ** (column % 3));
          const similarity = { norms, shrinkage, power };
          const found = toDense(await nearestColumns(compute, x, { ...similarity, keep })).flat();
          const expected = naiveNearestColumns(x, similarity, keep).flat();
          expected.forEach((value, cell) => {
            expect(Math.abs(found[cell]! - value)).toBeLessThanOrEqual(FLOAT32_TOLERANCE * Math.abs(value));
          });
        },
      ),
      { numRuns: 100, seed: 20_262 },
    );
  });
});

describe('nearestColumns', () => {
  const x = CsrMatrix.fromCoo({
    numRows: 300,
    numCols: 500,
    rows: Array.from({ length: 3_000 }, (_, e) => e % 300),
    cols: Array.from({ length: 3_000 }, (_, e) => (Math.floor(e / 300) * 47 + (e % 300) * 7) % 500),
  });

  it('gives the same bits on any number of threads, with a share that never falls', async () => {
    const fits = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const compute = new ComputeThreads({ threads });
        const shares: number[] = [];
        const found = await nearestColumns(
          compute,
          x,
          { power: 0.7, keep: 9 },
          {
            onProgress: (share) => shares.push(share),
          },
        );
        compute.close();
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
        expect(shares.at(-1)).toBe(1);
        return [found.indptr, found.indices, found.values].map((part) => [...part]);
      }),
    );
    expect(fits[0]![1]!.length).toBeGreaterThan(1_000);
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[2]).toEqual(fits[0]);
  });

  it.each([
    [{ norms: new Float32Array(3) }, 1],
    [{ shrinkage: -1 }, 1],
    [{ power: 0 }, 1],
    [{}, 0],
    [{}, 1.5],
  ])('refuses %j with %p entries a row', async (similarity, keep) => {
    const compute = new ComputeThreads({ threads: 1 });
    await expect(nearestColumns(compute, x, { ...similarity, keep })).rejects.toThrow(ShapeError);
  });
});
