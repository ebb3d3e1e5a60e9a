import {
  blockBytesPerThread,
  listBytes,
  type Block,
  type BlockOptions,
  type BlockSystem,
  type CsrArrays,
} from '#sparse';
import { cutIntoParts } from './ease.parts.js';

/** Memory that a worker takes for any part of a task, beside what it has anyway. */
export interface PartBytes {
  readonly fixedBytes: number;
  /** For each compute thread. */
  readonly threadBytes: number;
}

/**
 * The task as it came, the matrix that it is solved from with its transpose, and the largest part twice, as
 * it is sent; and the largest block of a thread.
 */
export function partBytes(
  { y, yt }: Pick<BlockSystem, 'y' | 'yt'>,
  blocks: readonly Block[],
  { keep, lists }: BlockOptions,
  taskBytes: number,
): PartBytes {
  const coresOf = (first: number, count: number) =>
    blocks.slice(first, first + count).reduce((sum, { core }) => sum + core.length, 0);
  const longest = largest(cutIntoParts(blocks.length).map(({ first, count }) => coresOf(first, count)));
  const pairsOf = (columns: Uint32Array) =>
    columns.reduce((sum, column) => sum + yt.indptr[column + 1]! - yt.indptr[column]!, 0);
  const threadBytes = blocks.map(({ core, halo }) =>
    blockBytesPerThread(y.numRows, {
      ...{ size: core.length + halo.length, coreSize: core.length, keep },
      pairs: pairsOf(core) + pairsOf(halo),
    }),
  );
  return {
    fixedBytes: taskBytes + bytesOf(y) + bytesOf(yt) + 2 * longest * lists.length * listBytes(keep),
    threadBytes: largest(threadBytes),
  };
}

function bytesOf({ indptr, indices, values }: CsrArrays): number {
  return indptr.byteLength + indices.byteLength + values.byteLength;
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, value) => Math.max(most, value), 0);
}
