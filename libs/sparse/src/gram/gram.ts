import type { CsrArrays, CsrMatrix } from '../matrices/csr-matrix.js';
import { SymmetricMatrix, type SharedSymmetricMatrix } from '../matrices/symmetric-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, ProgressOptions, Task } from '../threads/operation.js';
import { Arena, check } from '../wasm/memory.js';
import { transpose } from '../wasm/transpose.js';

/**
 * Gram matrix G = XᵀX (`numCols × numCols`), in float32: exact while X holds 0 and 1 and counts stay below
 * 2²⁴. Costs Σ_u d_u² / 2 multiply-adds for rows of d_u entries.
 *
 * @throws CapacityExceededError when tiles need more than `maxBytes`
 */
export async function computeGram(
  compute: ComputeThreads,
  x: CsrMatrix,
  options: ProgressOptions & { readonly tileSize?: number; readonly maxBytes?: number } = {},
): Promise<SymmetricMatrix> {
  const gram = SymmetricMatrix.allocate(x.numCols, options);
  const xt = transpose(compute.kernels, x);
  const tasks = Array.from({ length: gram.tilesPerSide }, (_, tileRow): Task<number> => {
    const cost = gram.tileRow(tileRow).rows;
    return { args: tileRow, cost, after: [] };
  });
  const shared = { x: x.share(), xt: xt.share(), gram: gram.share() };
  await compute.run(gramRows, shared, tasks, options);
  return gram;
}

interface GramShared {
  readonly x: CsrArrays;
  readonly xt: CsrArrays;
  readonly gram: SharedSymmetricMatrix;
}

export const gramRows: Operation<GramShared, number, void> = {
  name: 'gram-rows',
  open: (kernels, shared) =>
    kernels.run((exports) => {
      const gram = SymmetricMatrix.of(shared.gram);
      const arena = new Arena(exports);
      const addresses = {
        x: arena.copyInCsr(shared.x),
        xt: arena.copyInCsr(shared.xt),
        strip: arena.take(Math.min(gram.tileSize, gram.order) * gram.order * 4),
      };
      return {
        run: (tileRow) => kernels.run(() => fillTileRow(arena, addresses, gram, tileRow)),
        close: () => arena.free(),
      };
    }),
};

function fillTileRow(
  arena: Arena,
  { x, xt, strip }: { readonly x: number; readonly xt: number; readonly strip: number },
  gram: SymmetricMatrix,
  tileRow: number,
): void {
  const { order, tileSize } = gram;
  const { first, rows } = gram.tileRow(tileRow);
  check(arena.kernels.gram_strip(x, xt, first, strip, rows));
  const sums = arena.floats(strip, rows * order);
  for (let tileCol = 0; tileCol <= tileRow; tileCol++) {
    const tile = gram.tile(tileRow, tileCol);
    const columns = gram.tileRow(tileCol);
    for (let r = 0; r < rows; r++) {
      const start = r * order + columns.first;
      tile.set(sums.subarray(start, start + columns.rows), r * tileSize);
    }
  }
}
