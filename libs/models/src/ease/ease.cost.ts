import {
  blockBytesPerThread,
  embeddingBytes,
  haloBytesPerThread,
  listBytes,
  MAX_BLOCK_PAIRS,
  SymmetricMatrix,
  SymmetricStrips,
} from '#sparse';
import { storedBytes } from '../artifact/row-storage.js';
import { countEntries } from '../linear/entries-per-row.js';
import type { FitEstimate, MatrixShape } from '../recommender.js';
import { blockSizesFor } from './ease.block-sizes.js';
import type { EaseParameters } from './ease.params.js';
import { cutIntoParts } from './ease.parts.js';

/** Forms that solve for all items at once. */
export type DenseForm = 'primal' | 'dual';
export type EaseForm = DenseForm | 'blocks';

/** A FLOP of the sparse products takes about as long as this many of the dense ones. */
const SPARSE_FLOP_COST = 8;

/** n³ for the inverse; in dual form m³, and two products of X with dense strips. */
function flopsOf({ numUsers, numItems, nnz }: MatrixShape, form: DenseForm): number {
  if (form === 'primal') return numItems ** 3;
  return numUsers ** 3 + SPARSE_FLOP_COST * 2 * nnz * (numUsers + numItems);
}

/** Of the cheaper side, up to which a dense form takes a minute or so. */
const LARGEST_DENSE_SIDE = 16_384;
/** Interactions an item, up to which blocks come close by the mean of two, as measured. */
const SPARSE_ITEM = 64;

function isLargeAndSparse({ numUsers, numItems, nnz }: MatrixShape): boolean {
  return Math.min(numUsers, numItems) > LARGEST_DENSE_SIDE && nnz <= SPARSE_ITEM * numItems;
}

/**
 * The form that was asked for; else blocks for large and sparse data, and the dense one with fewer FLOPs for
 * all other. By the data alone, so that it makes the same model on every machine.
 */
export function chooseForm(shape: MatrixShape, { form }: Pick<EaseParameters, 'form'>): EaseForm {
  if (form !== 'auto') return form;
  if (isLargeAndSparse(shape)) return 'blocks';
  return flopsOf(shape, 'dual') < flopsOf(shape, 'primal') ? 'dual' : 'primal';
}

/** S³/3 for the factor of each block, S²·C for the columns of its core. */
function blockFlopsOf({ numItems }: MatrixShape, parameters: EaseParameters): number {
  const { blockSize, coreSize } = blockSizesFor(parameters, numItems);
  return Math.ceil(numItems / coreSize) * (blockSize ** 3 / 3 + blockSize ** 2 * coreSize);
}

/** Cost of a fit; `denseBytes` and `blockBytes` say what its memory is. */
export function estimateEase(shape: MatrixShape, parameters: EaseParameters, threads: number): FitEstimate {
  const { numUsers, numItems, nnz } = shape;
  const form = chooseForm(shape, parameters);
  const kept = numItems * countEntries(parameters.entriesPerRow, numItems);
  const sparse = 2 * (8 * nnz + 4 * (numUsers + numItems + 2));
  const parts = { sparse, kept: 3 * 8 * kept, threads };
  return {
    peakBytes: form === 'blocks' ? blockBytes(shape, parameters, parts) : denseBytes(shape, form, parts),
    flops: form === 'blocks' ? blockFlopsOf(shape, parameters) : flopsOf(shape, form),
    artifactBytes: storedBytes(numItems, kept, parameters.storage) + 1024,
    ...(form === 'blocks' && { flowBytes: flowBytes(shape, parameters, sparse) }),
  };
}

/** What tells a worker of the blocks, with the matrix that it makes of that; a part twice, as it is sent. */
function flowBytes({ numItems }: MatrixShape, parameters: EaseParameters, sparse: number): number {
  const { coreSize, blockSize, keep } = blockSizesFor(parameters, numItems);
  const numBlocks = Math.ceil(numItems / coreSize);
  const longest = cutIntoParts(numBlocks).reduce((most, { count }) => Math.max(most, count), 0);
  return 2 * sparse + 4 * numBlocks * blockSize + 2 * longest * coreSize * listBytes(keep);
}

/** Bytes of X with its transpose, and of the entries that are served. */
interface CommonParts {
  readonly sparse: number;
  readonly kept: number;
  readonly threads: number;
}

/**
 * Bytes at the peak: the tiles of the matrix that is inverted, the sparse matrices that each thread copies,
 * its strips, and the kept entries.
 */
function denseBytes(
  { numUsers, numItems }: MatrixShape,
  form: DenseForm,
  { sparse, kept, threads }: CommonParts,
): number {
  const order = form === 'primal' ? numItems : numUsers;
  const strips =
    form === 'primal'
      ? SymmetricStrips.bytesPerThread(numItems)
      : SymmetricStrips.bytesPerThread(numItems, numUsers);
  return SymmetricMatrix.bytesFor(order) + 2 * sparse + threads * (sparse + strips) + kept;
}

/**
 * Bytes at the peak: the embedding that the plan is made by, or each thread's block and the lists of all
 * columns, which are merged afterwards.
 */
function blockBytes(
  { numUsers, numItems, nnz }: MatrixShape,
  parameters: EaseParameters,
  { sparse, kept, threads }: CommonParts,
): number {
  const { blockSize, coreSize, keep } = blockSizesFor(parameters, numItems);
  const pairs = Math.min(nnz, MAX_BLOCK_PAIRS);
  const embedding = embeddingBytes({ numRows: numUsers, numCols: numItems, nnz }, threads);
  const plan = numItems > coreSize ? embedding + threads * haloBytesPerThread(numItems) : 0;
  const block = blockBytesPerThread(numUsers, { size: blockSize, coreSize, keep, pairs });
  return 2 * sparse + Math.max(plan, threads * block + numItems * listBytes(keep) + kept);
}
