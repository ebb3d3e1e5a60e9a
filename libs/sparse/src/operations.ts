import { alsRows } from './als.js';
import type { Operation } from './compute-threads.js';
import { contrastBlocks } from './contrast.js';
import { gramProducts } from './gram-products.js';
import { gramRows } from './gram.js';
import { inverseTiles } from './inverse.js';
import { rankColumns } from './rank-rows.js';
import { rankedUsers } from './rank-users.js';
import { nearestRows } from './similarity.js';
import { largestRows, quadraticDiagonal } from './strips.js';
import { tallProducts } from './tall-matrix.js';

/** All that a compute thread can do. */
export const operations = [
  alsRows,
  contrastBlocks,
  gramProducts,
  gramRows,
  inverseTiles,
  largestRows,
  nearestRows,
  quadraticDiagonal,
  rankColumns,
  rankedUsers,
  tallProducts,
] as unknown as readonly Operation<unknown, unknown, unknown>[];
