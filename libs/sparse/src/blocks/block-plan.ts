import { ShapeError } from '../errors.js';
import { CsrMatrix } from '../matrices/csr-matrix.js';
import type { DenseMatrix } from '../matrices/dense-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import { bisect } from './bisection.js';
import type { BlockSystem } from './block-system.js';
import { embedColumns } from './column-embedding.js';
import { haloColumns, type Halo, type HaloTask } from './halos.js';

/** Entries of Y that one block gathers at most: 64 MiB in a thread's memory. */
export const MAX_BLOCK_PAIRS = 4 * 2 ** 20;

/** Columns that are solved together, and those around them that are solved with them; both ascending. */
export interface Block {
  readonly core: Uint32Array;
  readonly halo: Uint32Array;
}

/** Every column is in one core. */
export interface BlockPlan {
  readonly numCols: number;
  readonly blocks: readonly Block[];
}

export interface BlockPlanOptions {
  /** Columns of a block at most. */
  readonly blockSize: number;
  /** Of these, columns of its core. */
  readonly coreSize: number;
  /** Entries of Y that a block may have. */
  readonly maxPairs?: number;
  readonly seed: number;
}

/**
 * Cuts the columns of A = YᵀY + diag(ridge) into cores of nearly equal size, whose columns are alike, and
 * gives each its halo. Blocks with more than `maxPairs` entries of Y have their cores halved, and may have
 * half as many columns then, again until they have fewer or one column. The same plan for any number of
 * threads and any build of the kernels.
 */
export async function planBlocks(
  compute: ComputeThreads,
  system: BlockSystem,
  { blockSize, coreSize, maxPairs = MAX_BLOCK_PAIRS, seed }: BlockPlanOptions,
): Promise<BlockPlan> {
  if (!(coreSize >= 1 && blockSize >= coreSize))
    throw new ShapeError('a core needs a column, and a block the columns of its core');
  const { numCols } = system.y;
  const columns = Uint32Array.from({ length: numCols }, (_, column) => column);
  const numCores = Math.ceil(numCols / coreSize);
  let embedding: DenseMatrix | undefined;
  const cut = async (core: Uint32Array, parts: number) => {
    if (parts <= 1) return [core];
    embedding ??= await embedColumns(compute, normalized(system), seed);
    return bisect(compute.kernels, embedding, core, parts);
  };
  const cores = numCols === 0 ? [] : await cut(columns, numCores);
  let tasks = cores.map((core): HaloTask => ({ core, size: blockSize }));
  const blocks: Block[] = [];
  while (tasks.length > 0) {
    const halos = await findHalos(compute, system, tasks);
    const tooLarge: HaloTask[] = [];
    for (const [n, task] of tasks.entries()) {
      const { halo, pairs } = halos[n]!;
      if (pairs > maxPairs && task.core.length > 1) tooLarge.push(task);
      else blocks.push({ core: task.core, halo });
    }
    tasks = [];
    for (const { core, size } of tooLarge)
      for (const part of await cut(core, 2))
        tasks.push({ core: part, size: Math.max(part.length, Math.floor(size / 2)) });
  }
  return { numCols, blocks };
}

/** Y·diag(A)^−½, of which products of columns say how alike they are. */
function normalized({ y, diagonal }: BlockSystem): CsrMatrix {
  return CsrMatrix.ofChecked(y).scale({ columns: diagonal.map((value) => 1 / Math.sqrt(value)) });
}

async function findHalos(
  compute: ComputeThreads,
  system: BlockSystem,
  halos: readonly HaloTask[],
): Promise<Halo[]> {
  const found: Halo[] = [];
  const tasks = halos.map((args) => ({ args, cost: args.core.length, after: [] }));
  await compute.run(haloColumns, system, tasks, {
    onResult: (halo, position) => (found[position] = halo),
  });
  return found;
}
