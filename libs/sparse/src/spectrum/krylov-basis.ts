import { SparseError } from '../errors.js';
import { DenseMatrix } from '../matrices/dense-matrix.js';
import { seededNormal } from '../seeded-random.js';
import { GRAM, type ChebyshevSeries } from './chebyshev.js';
import type { GramProducts } from './gram-products.js';
import { orthonormalize } from './orthonormalize.js';
import { eigenvectorColumns, symmetricEigen, type SymmetricEigen } from './symmetric-eigen.js';
import type { TallProducts } from './tall-matrix.js';

/** Columns that are filtered and added to the basis at a time. */
export const BLOCK_COLUMNS = 32;
/** Blocks that a filtered block is expected to have parts in: its own and the one before it. */
const NEIGHBOURS = 2;
/**
 * Largest part of a unit column in the basis that can be taken away at once, with no digit of the rest lost.
 */
const LARGEST_PART = 0.3;
const MAX_PASSES = 4;

/** Approximate eigenvectors of XᵀX, by falling eigenvalue, and how far each is off. */
export interface RitzBlock {
  readonly vectors: DenseMatrix;
  /** Of the whole basis, more than there are vectors; its eigenvectors are combinations of the basis. */
  readonly eigen: SymmetricEigen;
  /** ‖XᵀX·v_i − λ_i·v_i‖ / λ_1 */
  readonly residuals: Float32Array;
}

/** Orthonormal columns K, added block by block, each a filtered block before it. */
export class KrylovBasis {
  readonly #normal: () => number;
  #blocks: DenseMatrix[] = [];
  #next: DenseMatrix;
  /** Whether a filtered block may have large parts anywhere. */
  #isRestarted = false;

  constructor(
    private readonly products: { readonly gram: GramProducts; readonly tall: TallProducts },
    private readonly size: number,
    seed: number,
  ) {
    this.#normal = seededNormal(seed);
    this.#next = this.#randomBlock(Math.min(BLOCK_COLUMNS, size));
  }

  /** Adds columns until the basis is full. */
  async fill(filter: ChebyshevSeries, onProgress?: (fraction: number) => void): Promise<void> {
    for (let used = this.#used; used < this.size; used = this.#used) {
      const width = Math.min(this.#next.numCols, this.size - used);
      const start = columnsOf(this.#next, 0, width);
      const isFirst = used === 0;
      const [filtered] = isFirst ? [start] : await this.products.gram.apply(filter, [start]);
      const added =
        (await this.#independent(filtered!)) ?? (await this.#independent(this.#randomBlock(width)))!;
      this.#blocks.push(added);
      this.#next = added;
      onProgress?.(this.#used / this.size);
    }
  }

  /** The first `count` eigenvectors of XᵀX in the space of a full basis (Rayleigh–Ritz). */
  async ritz(count: number): Promise<RitzBlock> {
    const { gram, tall } = this.products;
    const images = await gram.apply(GRAM, this.#blocks);
    const projected = await this.#project(images);
    const eigen = symmetricEigen(tall.compute.kernels, projected, this.size);
    const turn = eigenvectorColumns(eigen, 0, count);
    const vectors = await tall.timesSmall(this.#blocks, turn);
    const image = await tall.timesSmall(images, turn);
    return { vectors, eigen, residuals: residualsOf(vectors, image, eigen.values) };
  }

  /**
   * Keeps the first `count` eigenvectors alone, and goes on from those of the Ritz block
   * that are furthest off.
   */
  async restart({ vectors, eigen, residuals }: RitzBlock, count: number): Promise<void> {
    const rest = eigenvectorColumns(eigen, vectors.numCols, count);
    const others = rest.numCols > 0 ? [await this.products.tall.timesSmall(this.#blocks, rest)] : [];
    this.#blocks = [vectors, ...others].flatMap(inBlocks);
    this.#next = pick(vectors, furthest(residuals, BLOCK_COLUMNS));
    this.#isRestarted = true;
  }

  get #used(): number {
    return this.#blocks.reduce((sum, { numCols }) => sum + numCols, 0);
  }

  /** KᵀGK, whose blocks below the diagonal are enough. */
  async #project(images: readonly DenseMatrix[]): Promise<Float64Array> {
    const projected = new Float64Array(this.size ** 2);
    let first = 0;
    for (const [index, image] of images.entries()) {
      const part = await this.products.tall.crossGram(this.#blocks.slice(index), image);
      for (let row = first; row < this.size; row++) {
        const start = (row - first) * image.numCols;
        projected.set(part.subarray(start, start + image.numCols), row * this.size + first);
      }
      first += image.numCols;
    }
    return projected;
  }

  /**
   * The part of a block that is not in the basis yet, orthonormal; undefined when there is none. A filtered
   * block is first freed of the part that it has in its neighbours, which is large where the filter
   * amplifies, then of the small rest in the whole basis, again while that is not small.
   */
  async #independent(block: DenseMatrix): Promise<DenseMatrix | undefined> {
    const { tall } = this.products;
    const neighbours = this.#isRestarted ? this.#blocks : this.#blocks.slice(-NEIGHBOURS);
    try {
      const { rest } = await this.#without(neighbours, block);
      let found = await orthonormalize(tall, rest);
      for (let pass = 1; pass < MAX_PASSES; pass++) {
        const { rest, largest } = await this.#without(this.#blocks, found);
        found = await orthonormalize(tall, rest);
        if (largest <= LARGEST_PART) break;
      }
      return found;
    } catch (error) {
      if (error instanceof SparseError) return undefined;
      throw error;
    }
  }

  /** (I − KKᵀ)·block for some blocks K, and the largest length of a column of KᵀQ. */
  async #without(
    blocks: readonly DenseMatrix[],
    block: DenseMatrix,
  ): Promise<{ readonly rest: DenseMatrix; readonly largest: number }> {
    if (blocks.length === 0) return { rest: block, largest: 0 };
    const part = await this.products.tall.crossGram(blocks, block);
    const factor = new DenseMatrix(part.length / block.numCols, block.numCols, Float32Array.from(part));
    const rest = await this.products.tall.timesSmall(blocks, factor, { start: block, alpha: -1 });
    return { rest, largest: Math.max(...columnLengths(factor)) };
  }

  #randomBlock(width: number): DenseMatrix {
    const block = DenseMatrix.zeros(this.products.gram.numCols, width);
    for (let e = 0; e < block.values.length; e++) block.values[e] = this.#normal();
    return block;
  }
}

/** The columns `from ..< to`; the matrix itself when those are all. */
export function columnsOf(matrix: DenseMatrix, from: number, to: number): DenseMatrix {
  if (from === 0 && to === matrix.numCols) return matrix;
  return pick(
    matrix,
    Array.from({ length: to - from }, (_, column) => from + column),
  );
}

function pick(matrix: DenseMatrix, columns: readonly number[]): DenseMatrix {
  const picked = DenseMatrix.zeros(matrix.numRows, columns.length);
  const { numCols, values } = matrix;
  for (let row = 0; row < matrix.numRows; row++)
    for (let column = 0; column < columns.length; column++)
      picked.values[row * columns.length + column] = values[row * numCols + columns[column]!]!;
  return picked;
}

function inBlocks(matrix: DenseMatrix): DenseMatrix[] {
  return Array.from({ length: Math.ceil(matrix.numCols / BLOCK_COLUMNS) }, (_, block) =>
    columnsOf(matrix, block * BLOCK_COLUMNS, Math.min(matrix.numCols, (block + 1) * BLOCK_COLUMNS)),
  );
}

/** Positions of the largest residuals, ascending. */
function furthest(residuals: Float32Array, count: number): number[] {
  return Array.from(residuals, (_, column) => column)
    .sort((a, b) => residuals[b]! - residuals[a]!)
    .slice(0, count)
    .sort((a, b) => a - b);
}

function columnLengths({ numRows, numCols, values }: DenseMatrix): Float64Array {
  const squares = new Float64Array(numCols);
  for (let row = 0; row < numRows; row++)
    for (let column = 0; column < numCols; column++) squares[column]! += values[row * numCols + column]! ** 2;
  return squares.map(Math.sqrt);
}

function residualsOf(vectors: DenseMatrix, images: DenseMatrix, eigenvalues: Float64Array): Float32Array {
  const { numRows, numCols } = vectors;
  const squares = new Float64Array(numCols);
  for (let row = 0; row < numRows; row++)
    for (let column = 0; column < numCols; column++) {
      const e = row * numCols + column;
      squares[column]! += (images.values[e]! - eigenvalues[column]! * vectors.values[e]!) ** 2;
    }
  const scale = Math.max(eigenvalues[0] ?? 0, Number.MIN_VALUE);
  return Float32Array.from(squares, (square) => Math.sqrt(square) / scale);
}
