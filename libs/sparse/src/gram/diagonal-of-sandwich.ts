import type { CsrArrays, CsrMatrix } from '../matrices/csr-matrix.js';
import { SymmetricMatrix } from '../matrices/symmetric-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, ProgressOptions } from '../threads/operation.js';
import { Arena, check } from '../wasm/memory.js';
import { transpose } from '../wasm/transpose.js';
import { openStrips } from './strip-sources.js';

/**
 * The diagonal of XᵀKX, in double precision; K symmetric with one row a row of X. Costs Σ_j c_j² for
 * columns of c_j entries.
 */
export async function diagonalOfSandwich(
  compute: ComputeThreads,
  x: CsrMatrix,
  inner: SymmetricMatrix,
  options: ProgressOptions = {},
): Promise<Float64Array> {
  const shared = { x: x.share(), xt: transpose(compute.kernels, x).share(), matrix: inner.share() };
  const tasks = Array.from({ length: inner.tilesPerSide }, (_, args) => ({ args, cost: 1, after: [] }));
  const parts: Float64Array[] = [];
  await compute.run(quadraticDiagonal, shared, tasks, {
    onProgress: options.onProgress,
    onResult: (part, position) => (parts[position] = part),
  });
  const diagonal = new Float64Array(x.numCols);
  for (const part of parts) part.forEach((value, j) => (diagonal[j]! += value));
  return diagonal;
}

interface QuadraticShared {
  readonly x: CsrArrays;
  readonly xt: CsrArrays;
  readonly matrix: ReturnType<SymmetricMatrix['share']>;
}

export const quadraticDiagonal: Operation<QuadraticShared, number, Float64Array> = {
  name: 'quadratic-diagonal',
  open: (kernels, { x, xt, matrix }) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const strips = openStrips(arena, { matrix }, matrix.tileSize);
      const [raw, rawTransposed] = [arena.copyInCsr(x), arena.copyInCsr(xt)];
      const out = arena.take(x.numCols * 8);
      return {
        run: (tileRow) =>
          kernels.run(() => {
            const { address, first, width } = strips.rows(tileRow);
            check(exports.quadratic_diagonal_strip(raw, rawTransposed, first, address, width, out));
            return arena.doubles(out, x.numCols).slice();
          }),
        close: () => arena.free(),
      };
    }),
};
