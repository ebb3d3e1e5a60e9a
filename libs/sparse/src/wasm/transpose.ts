import { CsrMatrix } from '../matrices/csr-matrix.js';
import type { Kernels } from './kernels.js';
import { check, withArena } from './memory.js';

/** Xᵀ, `numCols × numRows`. */
export function transpose(kernels: Kernels, x: CsrMatrix): CsrMatrix {
  return kernels.run((exports) =>
    withArena(exports, (arena) => {
      const out = arena.takeCsr(x.numCols, x.numRows, x.nnz);
      check(exports.transpose(arena.copyInCsr(x), out.address));
      const [indptr, indices, values] = out.parts as [number, number, number];
      return new CsrMatrix({
        numRows: x.numCols,
        numCols: x.numRows,
        indptr: arena.integers(indptr, x.numCols + 1).slice(),
        indices: arena.integers(indices, x.nnz).slice(),
        values: arena.floats(values, x.nnz).slice(),
      });
    }),
  );
}
