import { ShapeError } from '../errors.js';
import { DenseMatrix } from '../matrices/dense-matrix.js';
import type { Kernels } from '../wasm/kernels.js';
import { check, withArena } from '../wasm/memory.js';

/** All eigenvalues of a symmetric matrix, falling, and the eigenvectors of the first ones as rows. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** `count × size`, row-major. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and the first `count` eigenvectors of a symmetric matrix (`size × size`, row-major; only the
 * lower triangle is read), in double precision.
 *
 * @throws ShapeError when lengths do not fit or an entry is not finite
 */
export function symmetricEigen(
  kernels: Kernels,
  entries: Float64Array,
  size: number,
  count = size,
): SymmetricEigen {
  if (entries.length !== size * size || count > size)
    throw new ShapeError(`${size} × ${size} entries are needed, and no more than ${size} vectors`);
  return kernels.run((exports) =>
    withArena(exports, (arena) => {
      const [matrix, values, vectors] = [size * size, size, count * size].map((length) =>
        arena.take(8 * length),
      ) as [number, number, number];
      arena.doubles(matrix, size * size).set(entries);
      check(exports.symmetric_eigen(size, count, matrix, values, vectors));
      return {
        values: arena.doubles(values, size).slice(),
        vectors: arena.doubles(vectors, count * size).slice(),
      };
    }),
  );
}

/** The eigenvectors `from ..< to` as columns. */
export function eigenvectorColumns(
  { values, vectors }: SymmetricEigen,
  from: number,
  to: number,
): DenseMatrix {
  const size = values.length;
  const columns = DenseMatrix.zeros(size, to - from);
  for (let vector = from; vector < to; vector++)
    for (let row = 0; row < size; row++) columns.row(row)[vector - from] = vectors[vector * size + row]!;
  return columns;
}
