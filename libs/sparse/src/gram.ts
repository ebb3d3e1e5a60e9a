import { CsrMatrix } from './csr-matrix.js';
import type { Kernels } from './kernels.js';
import { check, withArena, type Arena } from './memory.js';
import { SymmetricMatrix } from './symmetric-matrix.js';

export interface ProgressOptions {
  /** Called with a share from 0 to 1 that never falls. */
  readonly onProgress?: (fraction: number) => void;
}

/** Xᵀ, `numCols × numRows`. */
export function transpose(kernels: Kernels, x: CsrMatrix): CsrMatrix {
  return kernels.run((exports) =>
    withArena(exports, (arena) => {
      const out = arena.takeCsr(x.numCols, x.numRows, x.nnz);
      check(exports.transpose(arena.copyInCsr(x), out.address));
      const [indptr, indices, values] = out.parts as [number, number, number];
      return new CsrMatrix(
        x.numCols,
        x.numRows,
        arena.integers(indptr, x.numCols + 1).slice(),
        arena.integers(indices, x.nnz).slice(),
        arena.floats(values, x.nnz).slice(),
      );
    }),
  );
}

/**
 * Gram matrix G = XᵀX (`numCols × numCols`), in float32: exact while X holds 0 and 1 and counts stay below 2²⁴.
 * Costs Σ_u d_u² / 2 multiply-adds for rows of d_u entries.
 *
 * @throws CapacityExceededError when tiles need more than `maxBytes`
 */
export async function computeGram(
  kernels: Kernels,
  x: CsrMatrix,
  options: ProgressOptions & { readonly tileSize?: number; readonly maxBytes?: number } = {},
): Promise<SymmetricMatrix> {
  const gram = SymmetricMatrix.allocate(x.numCols, options);
  const xt = transpose(kernels, x);
  kernels.run((exports) =>
    withArena(exports, (arena) => {
      const addresses = { x: arena.copyInCsr(x), xt: arena.copyInCsr(xt) };
      const strip = arena.take(gram.tileSize * gram.order * 4);
      for (let tileRow = 0; tileRow < gram.tilesPerSide; tileRow++) {
        fillTileRow(arena, addresses, strip, gram, tileRow);
        options.onProgress?.((tileRow + 1) / gram.tilesPerSide);
      }
    }),
  );
  return Promise.resolve(gram);
}

function fillTileRow(
  arena: Arena,
  { x, xt }: { readonly x: number; readonly xt: number },
  strip: number,
  gram: SymmetricMatrix,
  tileRow: number,
): void {
  const { order, tileSize } = gram;
  const firstRow = tileRow * tileSize;
  const rows = Math.min(tileSize, order - firstRow);
  check(arena.kernels.gram_strip(x, xt, firstRow, strip, rows));
  const sums = arena.floats(strip, rows * order);
  for (let tileCol = 0; tileCol <= tileRow; tileCol++) {
    const tile = gram.tile(tileRow, tileCol);
    const firstCol = tileCol * tileSize;
    const cols = Math.min(tileSize, order - firstCol);
    for (let r = 0; r < rows; r++)
      tile.set(sums.subarray(r * order + firstCol, r * order + firstCol + cols), r * tileSize);
  }
}
