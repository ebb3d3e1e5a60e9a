import type { Operation } from './compute-threads.js';
import { gramRows } from './gram.js';
import { inverseTiles } from './inverse.js';
import { largestRows, quadraticDiagonal, rankColumns } from './strips.js';

/** All that a compute thread can do. */
export const operations = [
  gramRows,
  inverseTiles,
  largestRows,
  quadraticDiagonal,
  rankColumns,
] as unknown as readonly Operation<unknown, unknown, unknown>[];
