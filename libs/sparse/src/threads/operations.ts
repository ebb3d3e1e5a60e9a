import { blockInverses } from '../blocks/block-inverse.js';
import { haloColumns } from '../blocks/halos.js';
import { quadraticDiagonal } from '../gram/diagonal-of-sandwich.js';
import { gramRows } from '../gram/gram.js';
import { inverseTiles } from '../gram/inverse.js';
import { largestRows } from '../gram/largest-per-row.js';
import { nearestRows } from '../gram/similarity.js';
import { rankColumns } from '../scoring/rank-rows.js';
import { rankedUsers } from '../scoring/rank-users.js';
import { gramProducts } from '../spectrum/gram-products.js';
import { tallProducts } from '../spectrum/tall-matrix.js';
import { alsRows } from '../training/als.js';
import { contrastBlocks } from '../training/contrast.js';
import type { Operation } from './operation.js';

/** All that a compute thread can do. */
export const operations = [
  alsRows,
  blockInverses,
  contrastBlocks,
  gramProducts,
  gramRows,
  haloColumns,
  inverseTiles,
  largestRows,
  nearestRows,
  quadraticDiagonal,
  rankColumns,
  rankedUsers,
  tallProducts,
] as unknown as readonly Operation<unknown, unknown, unknown>[];
