import { ShapeError } from '../errors.js';
import { lowerBound } from '../lower-bound.js';
import type { CsrArrays } from '../matrices/csr-matrix.js';
import { seededRandom } from '../seeded-random.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, ProgressOptions } from '../threads/operation.js';
import { check, withArena, type Arena } from '../wasm/memory.js';
import { copyRowPart, takeRowBuffers, type RowPart } from '../wasm/row-parts.js';
import { BlockFactor, factorBytes, type BlockMatrix } from './block-factor.js';
import type { Block } from './block-plan.js';
import type { BlockSystem } from './block-system.js';

/** Columns of each core that are checked. */
const CHECKED_COLUMNS = 2;

/** Which entries of a column of P are kept: the largest of |p_kj|·A_kk, or of |p_kj|. */
export type ListKind = 'scaled' | 'plain';

/** Some entries of each column of a core: `counts[c]` of them, rows ascending, one column after the other. */
export interface ColumnLists {
  readonly counts: Uint32Array;
  readonly rows: Uint32Array;
  readonly values: Float32Array;
}

/** What a block knows of P = A⁻¹: of each column j of its core p_jj and the largest p_kj. */
export interface BlockPart {
  readonly core: Uint32Array;
  readonly diagonal: Float32Array;
  readonly lists: Readonly<Partial<Record<ListKind, ColumnLists>>>;
  /** Largest ‖A_SS·p_j − e_j‖₂ over some j, in double precision. */
  readonly residual: number;
}

export interface BlockOptions {
  /** Entries of a column that are kept, without its own. */
  readonly keep: number;
  readonly lists: readonly ListKind[];
}

/**
 * Solves blocks, each by itself: of A_SS for the columns S of a core C and its halo, the columns C of the
 * inverse. The same parts for any number of threads, in the order of the blocks.
 *
 * @throws SingularMatrixError when a block is not positive definite in float32
 */
export async function solveBlocks(
  compute: ComputeThreads,
  system: BlockSystem,
  blocks: readonly Block[],
  { keep, lists, onProgress }: BlockOptions & ProgressOptions,
): Promise<BlockPart[]> {
  if (!Number.isInteger(keep) || keep < 1) throw new ShapeError('keep must be a whole number above 0');
  const { yt, ridge, diagonal } = system;
  const parts: BlockPart[] = [];
  const tasks = blocks.map((args) => ({ args, cost: (args.core.length + args.halo.length) ** 2, after: [] }));
  await compute.run(blockInverses, { yt, ridge, diagonal, keep, lists }, tasks, {
    onProgress,
    onResult: (part, position) => (parts[position] = part),
  });
  return parts;
}

/** What is known of blocks before they are solved. */
export interface BlockShape {
  readonly size: number;
  readonly coreSize: number;
  readonly keep: number;
  /** Entries of Y. */
  readonly pairs: number;
}

/** Copies of a block's entries of Y that a thread has at a time, and of its lists until they are sent. */
const PAIR_COPIES = 4;
const LIST_COPIES = 5;

/** Bytes that a thread holds while it solves blocks, for a Y of so many rows. */
export function blockBytesPerThread(numRows: number, shape: BlockShape): number {
  const { size, coreSize, keep, pairs } = shape;
  const lists = LIST_COPIES * coreSize * listBytes(keep);
  return factorBytes(size, coreSize) + PAIR_COPIES * 8 * pairs + lists + 2 * 4 * numRows;
}

/** Bytes of a column's list. */
export function listBytes(keep: number): number {
  return 8 * keep;
}

type BlocksShared = Omit<BlockSystem, 'y'> & BlockOptions;

export const blockInverses: Operation<BlocksShared, Block, BlockPart> = {
  name: 'block-inverses',
  open: (kernels, shared) => ({
    run: (block) => kernels.run((exports) => withArena(exports, (arena) => solve(arena, shared, block))),
    close: () => undefined,
  }),
};

/** Columns of A in a block's own numbers: the halo, then the core. */
interface LocalBlock extends BlockMatrix {
  readonly columns: Uint32Array;
  readonly diagonal: Float32Array;
}

function solve(arena: Arena, shared: BlocksShared, block: Block): BlockPart {
  const local = localBlock(shared, block);
  const panel = new BlockFactor(arena, local).solve();
  const { coreSize, columns } = local;
  const order = columns.length;
  const inverse = arena.floats(panel, coreSize * order);
  const residual = largestResidual(local, inverse);
  const firstCore = order - coreSize;
  const diagonal = Float32Array.from(block.core, (_, c) => inverse[c * order + firstCore + c]!);
  const solved = { local, panel, keep: shared.keep };
  const lists = shared.lists.map((kind) => [kind, largestOf(arena, solved, kind)]);
  return { core: block.core, diagonal, lists: Object.fromEntries(lists) as BlockPart['lists'], residual };
}

function localBlock({ yt, ridge, diagonal }: BlocksShared, { core, halo }: Block): LocalBlock {
  const columns = new Uint32Array(halo.length + core.length);
  columns.set(halo);
  columns.set(core, halo.length);
  return {
    columns,
    coreSize: core.length,
    zt: rowsOf(yt, columns),
    ridge: Float32Array.from(columns, (column) => ridge[column]!),
    diagonal: Float32Array.from(columns, (column) => diagonal[column]!),
  };
}

/** Some rows of a sparse matrix, in the given order. */
function rowsOf({ numCols, indptr, indices, values }: CsrArrays, rows: Uint32Array): CsrArrays {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, r) => (starts[r + 1] = starts[r]! + indptr[row + 1]! - indptr[row]!));
  const nnz = starts[rows.length]!;
  const picked = { indices: new Uint32Array(nnz), values: new Float32Array(nnz) };
  rows.forEach((row, r) => {
    picked.indices.set(indices.subarray(indptr[row], indptr[row + 1]), starts[r]);
    picked.values.set(values.subarray(indptr[row], indptr[row + 1]), starts[r]);
  });
  return { numRows: rows.length, numCols, indptr: starts, ...picked };
}

/** The same columns of a block are checked each time. */
function largestResidual(local: LocalBlock, inverse: Float32Array): number {
  const { coreSize, columns } = local;
  const order = columns.length;
  const random = seededRandom(columns[order - 1]!);
  let largest = 0;
  for (let n = 0; n < Math.min(CHECKED_COLUMNS, coreSize); n++) {
    const c = Math.floor(random() * coreSize);
    const product = applyTo(local, inverse.subarray(c * order, (c + 1) * order));
    product[order - coreSize + c]! -= 1;
    largest = Math.max(largest, Math.sqrt(product.reduce((sum, value) => sum + value * value, 0)));
  }
  return largest;
}

/** (ZᵀZ + diag(ridge))·v */
function applyTo({ zt, ridge }: LocalBlock, vector: Float32Array): Float64Array {
  const image = new Float64Array(zt.numCols);
  for (let row = 0; row < zt.numRows; row++)
    for (let e = zt.indptr[row]!; e < zt.indptr[row + 1]!; e++)
      image[zt.indices[e]!]! += zt.values[e]! * vector[row]!;
  return Float64Array.from(ridge, (value, row) => {
    let sum = value * vector[row]!;
    for (let e = zt.indptr[row]!; e < zt.indptr[row + 1]!; e++) sum += zt.values[e]! * image[zt.indices[e]!]!;
    return sum;
  });
}

/** P_C: at an address, and how many entries of a column are wanted. */
interface SolvedBlock {
  readonly local: LocalBlock;
  readonly panel: number;
  readonly keep: number;
}

function largestOf(arena: Arena, { local, panel, keep }: SolvedBlock, kind: ListKind): ColumnLists {
  const { columns, coreSize, diagonal } = local;
  const order = columns.length;
  const first = order - coreSize;
  const scale = kind === 'scaled' ? diagonal : new Float32Array(order).fill(1);
  const found = withArena(arena.kernels, (own) => {
    const buffers = takeRowBuffers(own, coreSize, Math.min(keep, Math.max(1, order - 1)));
    const at = own.copyIn(scale);
    const { columns: indices, values, counts } = buffers;
    const call = [panel, first, coreSize, at, order, buffers.keep] as const;
    check(own.kernels.largest_per_row(...call, indices, values, counts));
    return copyRowPart(own, buffers, 0, coreSize);
  });
  return inOrder(found, columns, arena.floats(panel, coreSize * order));
}

/**
 * Puts the columns of the core among those of the halo, and the entries of the inverse in place of the
 * scaled ones.
 */
function inOrder(found: RowPart, columns: Uint32Array, inverse: Float32Array): ColumnLists {
  const order = columns.length;
  const firstCore = order - found.counts.length;
  const rows = new Uint32Array(found.columns.length);
  const values = new Float32Array(rows.length);
  let start = 0;
  found.counts.forEach((count, c) => {
    const end = start + count;
    const middle = lowerBound(start, end, (at) => found.columns[at]! < firstCore);
    for (let next = start, halo = start, core = middle; next < end; next++) {
      const isHalo =
        core === end || (halo < middle && columns[found.columns[halo]!]! < columns[found.columns[core]!]!);
      const place = found.columns[isHalo ? halo++ : core++]!;
      rows[next] = columns[place]!;
      values[next] = inverse[c * order + place]!;
    }
    start = end;
  });
  return { counts: found.counts, rows, values };
}
