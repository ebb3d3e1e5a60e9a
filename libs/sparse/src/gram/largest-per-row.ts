import { ShapeError } from '../errors.js';
import type { CsrMatrix } from '../matrices/csr-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, ProgressOptions } from '../threads/operation.js';
import { check } from '../wasm/memory.js';
import { copyRowPart, joinRowParts, takeRowBuffers, type RowPart } from '../wasm/row-parts.js';
import type { SymmetricSource } from './strip-sources.js';
import { STRIP, openStripSession, type StripRange, type SymmetricStrips } from './symmetric-strips.js';

/** Factors of rows and columns; absent rows are ones. */
export interface Scaling {
  readonly rows?: Float32Array | undefined;
  readonly columns: Float32Array;
}

/** diag(rows)·M·diag(columns) for a symmetric M. */
export interface ScaledStrips {
  readonly matrix: SymmetricStrips;
  readonly scaling: Scaling;
}

/**
 * The entries of largest magnitude in each row of diag(rows)·M·diag(columns), `keep` a row at most, without
 * the diagonal and without exact zeros; ties go to the lower column. Answers an `order × order` CSR matrix.
 */
export async function largestPerRow(
  compute: ComputeThreads,
  { matrix, scaling }: ScaledStrips,
  keep: number,
  options: ProgressOptions = {},
): Promise<CsrMatrix> {
  const { order } = matrix;
  if (scaling.columns.length !== order) throw new ShapeError('one scale a column is needed');
  if (!Number.isInteger(keep) || keep < 1) throw new ShapeError('keep must be a whole number above 0');
  const shared = {
    source: matrix.source,
    columns: scaling.columns,
    keep: Math.min(keep, Math.max(1, order - 1)),
  };
  const parts: RowPart[] = [];
  await compute.run(largestRows, shared, matrix.tasks(), {
    onProgress: options.onProgress,
    onResult: (found) => parts.push(...found),
  });
  const unscaled = joinRowParts(parts, order);
  return scaling.rows ? unscaled.scale({ rows: scaling.rows }) : unscaled;
}

interface LargestShared {
  readonly source: SymmetricSource;
  readonly columns: Float32Array;
  readonly keep: number;
}

export const largestRows: Operation<LargestShared, StripRange, RowPart[]> = {
  name: 'largest-rows',
  open: (kernels, { source, columns, keep }) =>
    openStripSession(kernels, source, (arena, strips) => {
      const scale = arena.copyIn(columns);
      const buffers = takeRowBuffers(arena, STRIP, keep);
      const { columns: indices, values, counts } = buffers;
      return {
        run: (strip) => {
          const { address, first, width } = strips.rows(strip);
          const { order } = strips;
          check(
            arena.kernels.largest_per_row(address, first, width, scale, order, keep, indices, values, counts),
          );
          return copyRowPart(arena, buffers, first, width);
        },
      };
    }),
};
