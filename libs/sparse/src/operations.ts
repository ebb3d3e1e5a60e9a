import { alsRows } from './als.js';
import { chebyshevPanels } from './chebyshev.js';
import type { Operation } from './compute-threads.js';
import { contrastBlocks } from './contrast.js';
import { lanczosPanels } from './eigenvalue-density.js';
import { gramRows } from './gram.js';
import { inverseTiles } from './inverse.js';
import { rankedUsers } from './rank-users.js';
import { nearestRows } from './similarity.js';
import { largestRows, quadraticDiagonal, rankColumns } from './strips.js';
import { crossGramRows, timesSmallRows } from './tall-matrix.js';

/** All that a compute thread can do. */
export const operations = [
  alsRows,
  chebyshevPanels,
  contrastBlocks,
  crossGramRows,
  gramRows,
  inverseTiles,
  lanczosPanels,
  largestRows,
  nearestRows,
  quadraticDiagonal,
  rankColumns,
  rankedUsers,
  timesSmallRows,
] as unknown as readonly Operation<unknown, unknown, unknown>[];
