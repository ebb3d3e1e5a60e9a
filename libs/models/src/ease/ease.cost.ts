import { SymmetricMatrix, SymmetricStrips } from '#sparse';
import { storedBytes } from '../artifact/row-storage.js';
import { countEntries } from '../linear/entries-per-row.js';
import type { FitEstimate, MatrixShape } from '../recommender.js';
import type { EaseParameters } from './ease.params.js';

export type EaseForm = 'primal' | 'dual';

/** A FLOP of the sparse products takes about as long as this many of the dense ones. */
const SPARSE_FLOP_COST = 8;

/** n³ for the inverse; in dual form m³, and two products of X with dense strips. */
function flopsOf({ numUsers, numItems, nnz }: MatrixShape, form: EaseForm): number {
  if (form === 'primal') return numItems ** 3;
  return numUsers ** 3 + SPARSE_FLOP_COST * 2 * nnz * (numUsers + numItems);
}

/** The form that was asked for, or the one with fewer FLOPs. */
export function chooseForm(shape: MatrixShape, { form }: EaseParameters): EaseForm {
  if (form !== 'auto') return form;
  return flopsOf(shape, 'dual') < flopsOf(shape, 'primal') ? 'dual' : 'primal';
}

/**
 * Bytes at the peak: the tiles of the matrix that is inverted, the sparse matrices that each thread copies,
 * its strips, and the kept entries.
 */
export function estimateEase(shape: MatrixShape, parameters: EaseParameters, threads: number): FitEstimate {
  const { numUsers, numItems, nnz } = shape;
  const form = chooseForm(shape, parameters);
  const order = form === 'primal' ? numItems : numUsers;
  const kept = numItems * countEntries(parameters.entriesPerRow, numItems);
  const sparse = 2 * (8 * nnz + 4 * (numUsers + numItems + 2));
  const strips =
    form === 'primal'
      ? SymmetricStrips.bytesPerThread(numItems)
      : SymmetricStrips.bytesPerThread(numItems, numUsers);
  const artifactBytes = storedBytes(numItems, kept, parameters.storage) + 1024;
  const peakBytes = SymmetricMatrix.bytesFor(order) + 2 * sparse + threads * (sparse + strips) + 3 * 8 * kept;
  return { peakBytes, flops: flopsOf(shape, form), artifactBytes };
}
