import { countEntries } from '../linear/entries-per-row.js';
import type { EaseParameters } from './ease.params.js';

/** Entries of a column of P that a block keeps, for each that is served, and at least. */
const KEPT_SHARE = 3;
const LEAST_KEPT = 600;

export interface BlockSizes {
  /** S, and how many of them are the core */
  readonly blockSize: number;
  readonly coreSize: number;
  /** Entries of each column of P that a block keeps. */
  readonly keep: number;
}

/** Sizes for a catalog of so many items. */
export function blockSizesFor(
  { blockSize, coreSize, entriesPerRow }: EaseParameters,
  numItems: number,
): BlockSizes {
  const size = Math.min(blockSize, Math.max(1, numItems));
  const entries = KEPT_SHARE * countEntries(entriesPerRow, numItems);
  return {
    blockSize: size,
    coreSize: Math.min(coreSize, size),
    keep: Math.max(1, Math.min(Math.max(LEAST_KEPT, entries), size - 1)),
  };
}
