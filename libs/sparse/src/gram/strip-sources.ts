import type { CsrArrays } from '../matrices/csr-matrix.js';
import type { SharedDense } from '../matrices/dense-matrix.js';
import { SymmetricMatrix, type SharedSymmetricMatrix } from '../matrices/symmetric-matrix.js';
import { ChebyshevFilter, type ChebyshevSeries, type GramFactors } from '../spectrum/chebyshev.js';
import { TRANSPOSE_B } from '../wasm/gemm-flags.js';
import { check, withArena, type Arena } from '../wasm/memory.js';

/** Where the strips of a symmetric M come from. */
export type SymmetricSource = StoredSource | FilterSource;

/** M = `matrix`, or M = X·`matrix`·Xᵀ where `xt`, the transpose of X, is given. */
export interface StoredSource {
  readonly matrix: SharedSymmetricMatrix;
  /** One row a row of M. */
  readonly xt?: CsrArrays;
}

/** M = p(YᵀY) + V·diag(weights)·Vᵀ */
export interface FilterSource {
  readonly factors: GramFactors;
  readonly series: ChebyshevSeries;
  readonly vectors?: SharedDense;
  readonly weights?: Float32Array;
}

/** Rows or, by symmetry, columns `first .. first + width` of M at an address, until the next call. */
export interface Strip {
  readonly address: number;
  readonly first: number;
  readonly width: number;
}

/** Makes the strips of M in one thread's memory. */
export interface Strips {
  readonly order: number;
  /** What the strips `from ..< to` have in common. */
  prepare(from: number, to: number): void;
  /** `width × order`, row-major. */
  rows(strip: number): Strip;
  /** `order × width`, row-major. */
  columns(strip: number): Strip;
}

/** @param width rows of a strip; for a matrix that is there, its tile size or a divisor or multiple of it */
export function openStrips(arena: Arena, source: SymmetricSource, width: number): Strips {
  if ('series' in source) return new FilterStrips(arena, source, width);
  const { matrix, xt } = source;
  const inner = SymmetricMatrix.of(matrix);
  return xt ? new SandwichStrips(arena, inner, xt, width) : new MatrixStrips(arena, inner, width);
}

class MatrixStrips implements Strips {
  readonly order: number;
  readonly #bytes: number;
  readonly #rows: number;
  #columns: number | undefined;

  constructor(
    readonly arena: Arena,
    readonly matrix: SymmetricMatrix,
    readonly width: number,
  ) {
    this.order = matrix.order;
    this.#bytes = Math.min(width, this.order) * this.order * 4;
    this.#rows = arena.take(this.#bytes);
  }

  prepare(): void {
    // Every strip is read by itself.
  }

  rows(strip: number): Strip {
    const first = strip * this.width;
    const width = Math.min(this.width, this.order - first);
    copyRows(this.matrix, first, this.arena.floats(this.#rows, width * this.order));
    return { address: this.#rows, first, width };
  }

  columns(strip: number): Strip {
    const { address, first, width } = this.rows(strip);
    this.#columns ??= this.arena.take(this.#bytes);
    check(this.arena.kernels.transpose_dense(width, this.order, address, this.#columns));
    return { address: this.#columns, first, width };
  }
}

/**
 * Copies the rows `firstRow ..` of a symmetric matrix, both sides of the diagonal, into `out` (row-major).
 */
export function copyRows(matrix: SymmetricMatrix, firstRow: number, out: Float32Array): void {
  const { order, tileSize } = matrix;
  const rows = out.length / order;
  for (let r = 0; r < rows; r++) {
    const tileRow = Math.floor((firstRow + r) / tileSize);
    const row = firstRow + r - tileRow * tileSize;
    for (let other = 0; other <= tileRow; other++) {
      const { first, rows: width } = matrix.tileRow(other);
      const tile = matrix.tile(tileRow, other);
      const until = other < tileRow ? width : row + 1;
      out.set(tile.subarray(row * tileSize, row * tileSize + until), r * order + first);
    }
  }
  copyFromBelow(matrix, firstRow, rows, out);
}

/** The part right of the diagonal: columns of the tiles below it, read along their rows. */
function copyFromBelow(matrix: SymmetricMatrix, firstRow: number, rows: number, out: Float32Array): void {
  const { order, tileSize } = matrix;
  const firstTile = Math.floor(firstRow / tileSize);
  const lastTile = Math.floor((firstRow + rows - 1) / tileSize);
  for (let column = firstTile; column <= lastTile; column++) {
    const from = Math.max(firstRow, column * tileSize);
    const to = Math.min(firstRow + rows, (column + 1) * tileSize);
    for (let below = column; below < matrix.tilesPerSide; below++) {
      const tile = matrix.tile(below, column);
      const { first, rows: height } = matrix.tileRow(below);
      for (let i = 0; i < height; i++) {
        const until = below === column ? Math.min(to, first + i) : to;
        const start = i * tileSize - column * tileSize;
        for (let j = from; j < until; j++) out[(j - firstRow) * order + first + i] = tile[start + j]!;
      }
    }
  }
}

/**
 * Strips of X·K·Xᵀ: for a block of rows of X their product with K is kept, and each strip is made from it.
 */
class SandwichStrips implements Strips {
  readonly order: number;
  readonly #xt: number;
  readonly #inner: MatrixStrips;
  /** Rows of X·K, and which. */
  #block = { address: 0, bytes: 0, first: 0 };
  readonly #blockColumns: number;
  readonly #columns: number;
  readonly #rows: number;

  constructor(
    readonly arena: Arena,
    inner: SymmetricMatrix,
    readonly x: CsrArrays,
    readonly width: number,
  ) {
    this.order = x.numRows;
    this.#xt = arena.copyInCsr(x);
    this.#inner = new MatrixStrips(arena, inner, inner.tileSize);
    const strip = Math.min(width, this.order);
    this.#blockColumns = arena.take(strip * inner.order * 4);
    [this.#columns, this.#rows] = [arena.take(strip * this.order * 4), arena.take(strip * this.order * 4)];
  }

  /** X[block, :]·K, one strip of K after the other. */
  prepare(from: number, to: number): void {
    const [first, end] = [from * this.width, Math.min(this.order, to * this.width)];
    const { order, matrix } = this.#inner;
    const length = (end - first) * order;
    if (this.#block.bytes < length * 4)
      this.#block = { address: this.arena.take(length * 4), bytes: length * 4, first };
    const { address } = this.#block;
    this.#block.first = first;
    this.arena.floats(address, length).fill(0);
    const { kernels } = this.arena;
    withArena(kernels, (arena) => {
      const batch = arena.copyInCsr(rowsOf(this.x, first, end));
      for (let tileRow = 0; tileRow < matrix.tilesPerSide; tileRow++) {
        const strip = this.#inner.rows(tileRow);
        check(kernels.add_sparse_times_strip(batch, strip.first, strip.address, strip.width, order, address));
      }
    });
  }

  columns(strip: number): Strip {
    const { kernels } = this.arena;
    const innerOrder = this.#inner.order;
    const first = strip * this.width;
    const width = Math.min(this.width, this.order - first);
    const block = this.#block.address + (first - this.#block.first) * innerOrder * 4;
    check(kernels.transpose_dense(width, innerOrder, block, this.#blockColumns));
    this.arena.floats(this.#columns, this.order * width).fill(0);
    check(kernels.add_sparse_times_strip(this.#xt, 0, this.#blockColumns, innerOrder, width, this.#columns));
    return { address: this.#columns, first, width };
  }

  rows(strip: number): Strip {
    const { address, first, width } = this.columns(strip);
    check(this.arena.kernels.transpose_dense(this.order, width, address, this.#rows));
    return { address: this.#rows, first, width };
  }
}

/** Strips of p(YᵀY) + V·diag(w)·Vᵀ: columns of the identity go through the filter. */
class FilterStrips implements Strips {
  readonly order: number;
  readonly #filter: ChebyshevFilter;
  readonly #vectors: number | undefined;
  readonly #rows: number;

  constructor(
    readonly arena: Arena,
    readonly source: FilterSource,
    readonly width: number,
  ) {
    this.order = source.factors.x.numCols;
    const strip = Math.min(width, this.order);
    this.#filter = new ChebyshevFilter(arena, source.factors, strip);
    this.#vectors = source.vectors && arena.copyIn(source.vectors.values);
    this.#rows = arena.take(strip * this.order * 4);
  }

  prepare(): void {
    // Every strip is made by itself.
  }

  columns(strip: number): Strip {
    const first = strip * this.width;
    const width = Math.min(this.width, this.order - first);
    const identity = this.#filter.input(width).fill(0);
    for (let column = 0; column < width; column++) identity[(first + column) * width + column] = 1;
    this.#filter.apply(this.source.series, width);
    this.#addLowRank(first, width);
    return { address: this.#filter.address, first, width };
  }

  rows(strip: number): Strip {
    const { address, first, width } = this.columns(strip);
    check(this.arena.kernels.transpose_dense(this.order, width, address, this.#rows));
    return { address: this.#rows, first, width };
  }

  /** += V·diag(w)·V[strip, :]ᵀ */
  #addLowRank(first: number, width: number): void {
    const { vectors, weights } = this.source;
    const left = this.#vectors;
    if (left === undefined || !vectors || !weights) return;
    const { kernels } = this.arena;
    const rank = vectors.numCols;
    const weighted = vectors.values.slice(first * rank, (first + width) * rank);
    for (let e = 0; e < weighted.length; e++) weighted[e]! *= weights[e % rank]!;
    withArena(kernels, (arena) => {
      const block = arena.copyIn(weighted);
      const target = this.#filter.address;
      check(kernels.multiply_dense(this.order, width, rank, 1, left, block, target, TRANSPOSE_B));
    });
  }
}

function rowsOf(x: CsrArrays, fromRow: number, toRow: number): CsrArrays {
  const [start, end] = [x.indptr[fromRow]!, x.indptr[toRow]!];
  return {
    numRows: toRow - fromRow,
    numCols: x.numCols,
    indptr: x.indptr.slice(fromRow, toRow + 1).map((offset) => offset - start),
    indices: x.indices.slice(start, end),
    values: x.values.slice(start, end),
  };
}
