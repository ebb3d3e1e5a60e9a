import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import { isKernelSupported, KERNEL_NAMES, loadKernels, seededRandom, ShapeError } from '../index.js';
import { eigenvectorColumns, symmetricEigen } from './symmetric-eigen.js';

const math = create(all as FactoryFunctionMap);

describe.each(KERNEL_NAMES)('symmetricEigen with %s kernels', (name) => {
  const given = isKernelSupported(name) ? it : it.skip;
  const symmetric = fc
    .integer({ min: 1, max: 12 })
    .chain((size) =>
      fc
        .array(fc.integer({ min: -3, max: 3 }), { minLength: size * size, maxLength: size * size })
        .map((cells) =>
          Array.from({ length: size }, (_, i) =>
            Array.from({ length: size }, (_, j) => cells[Math.max(i, j) * size + Math.min(i, j)]!),
          ),
        ),
    );

  given('has the eigenvalues of mathjs, and vectors that belong to them', () => {
    const kernels = loadKernels(name);
    fc.assert(
      fc.property(symmetric, (rows) => {
        const size = rows.length;
        const found = symmetricEigen(kernels, Float64Array.from(rows.flat()), size);
        const { values } = math.eigs(rows, { eigenvectors: false }) as unknown as { values: number[] };
        [...values]
          .sort((a, b) => b - a)
          .forEach((value, i) => expect(found.values[i]!).toBeCloseTo(value, 6));
        for (let i = 0; i < size; i++) {
          const vector = [...found.vectors.subarray(i * size, (i + 1) * size)];
          math
            .multiply(rows, vector)
            .forEach((entry, row) => expect(entry).toBeCloseTo(found.values[i]! * vector[row]!, 10));
        }
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  given('gives as many vectors as asked for, as rows or columns', () => {
    const matrix = Float64Array.of(2, 0, 0, 0, 5, 0, 0, 0, 3);
    const found = symmetricEigen(loadKernels(name), matrix, 3, 2);
    expect([...found.values]).toEqual([5, 3, 2]);
    expect([...found.vectors].map(Math.abs)).toEqual([0, 1, 0, 0, 0, 1]);
    expect([...eigenvectorColumns(found, 1, 2).values].map(Math.abs)).toEqual([0, 0, 1]);
  });

  given('gives the same bits with any kernels', () => {
    const random = seededRandom(6);
    const matrix = Float64Array.from({ length: 37 * 37 }, () => random() - 0.5);
    expect(symmetricEigen(loadKernels(name), matrix, 37)).toEqual(
      symmetricEigen(loadKernels('simd128'), matrix, 37),
    );
  });

  given('refuses lengths that do not fit and entries that are not finite', () => {
    const kernels = loadKernels(name);
    expect(() => symmetricEigen(kernels, new Float64Array(3), 2)).toThrow(ShapeError);
    expect(() => symmetricEigen(kernels, new Float64Array(4), 2, 3)).toThrow(ShapeError);
    expect(() => symmetricEigen(kernels, Float64Array.of(1, 0, NaN, 1), 2)).toThrow(ShapeError);
  });
});
