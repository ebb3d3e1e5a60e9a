import {
  blockSystem,
  listOf,
  mergeBlocks,
  planBlocks,
  READOUTS,
  solveBlocks,
  type BlockPart,
  type BlockSystem,
  type CsrMatrix,
} from '#sparse';
import { countEntries } from '../linear/entries-per-row.js';
import type { BlockSolver, FitCache } from '../recommender.js';
import { blockSizesFor, type BlockSizes } from './ease.block-sizes.js';
import type { EaseParameters } from './ease.params.js';
import type { SolveOptions } from './ease.solver.js';
import { checked, easeSystem } from './ease.system.js';

/** Shares of a fit, for its progress only. */
const PLAN_SHARE = 0.05;
const BLOCKS_SHARE = 0.9;

type BlocksOptions = SolveOptions & {
  readonly cache?: FitCache | undefined;
  readonly solveBlocks?: BlockSolver | undefined;
};

/** The largest entries of each row of B, and how far the worst block is off. */
export interface MergedWeights {
  readonly weights: CsrMatrix;
  readonly residual: number;
}

/**
 * B by overlapping blocks (after Steck, NeurIPS 2019). With A = YᵀY + Λ as in `solveEase`, the items are cut
 * into cores C of items alike; each gets a halo, the items outside that its own are most correlated with; and
 * the block S = C ∪ halo gives p_kj = (A_SS⁻¹)_kj for the items j of its core. Of p_jk and p_kj, which the
 * blocks of k and of j know, `readout` makes P_jk, and B_jk = −P_jk / P_kk.
 *
 * The plan depends on the data alone, a block on the data and its own items, and the merge on no order:
 * threads, or workers, may share the blocks as they like.
 *
 * @throws DomainError `numerically-singular` when float32 is not enough for a block
 */
export async function solveByBlocks(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  options: BlocksOptions,
): Promise<MergedWeights> {
  const { readout, entriesPerRow } = parameters;
  const numItems = matrix.numCols;
  const { parts, residual } = await solvedParts(matrix, parameters, options);
  const keep = countEntries(entriesPerRow, numItems);
  const weights = mergeBlocks(options.compute.kernels, parts, { numCols: numItems, readout, keep });
  options.onProgress?.(1);
  return { weights, residual };
}

interface SolvedParts {
  readonly parts: readonly BlockPart[];
  readonly residual: number;
}

/** With a cache the parts have the lists of all readouts, so that another one solves nothing again. */
async function solvedParts(
  matrix: CsrMatrix,
  parameters: EaseParameters,
  options: BlocksOptions,
): Promise<SolvedParts> {
  const { cache } = options;
  const sizes = blockSizesFor(parameters, matrix.numCols);
  const { regularization, dropout, userWeightExponent } = parameters;
  const key = `ease blocks ${JSON.stringify([regularization, dropout, userWeightExponent, sizes])}`;
  const cached = cache?.get(key) as SolvedParts | undefined;
  if (cached) return cached;
  const lists = new Set((cache ? READOUTS : [parameters.readout]).map(listOf));
  const solved = await checked(parameters, async () => {
    const { y, ridge } = easeSystem(matrix, parameters);
    const system = blockSystem(options.compute, y, ridge);
    const parts = await planAndSolve(system, { ...sizes, lists: [...lists] }, options);
    return { parts, residual: parts.reduce((largest, part) => Math.max(largest, part.residual), 0) };
  });
  cache?.set(key, solved);
  return solved;
}

async function planAndSolve(
  system: BlockSystem,
  { keep, lists, ...sizes }: BlockSizes & { readonly lists: readonly ReturnType<typeof listOf>[] },
  { compute, seed, onProgress, solveBlocks: solve = solveBlocks }: BlocksOptions,
): Promise<BlockPart[]> {
  const { blocks } = await planBlocks(compute, system, { ...sizes, seed });
  onProgress?.(PLAN_SHARE);
  return solve(compute, system, blocks, {
    keep,
    lists,
    onProgress: (share) => onProgress?.(PLAN_SHARE + share * BLOCKS_SHARE),
  });
}
