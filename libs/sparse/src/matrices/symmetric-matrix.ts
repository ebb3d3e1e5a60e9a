import { CapacityExceededError, ShapeError } from '../errors.js';

/** Rows of a tile: three tiles of 512² floats fill 3 MiB, and the copy of a tile is 1/100 of its product. */
export const DEFAULT_TILE_SIZE = 512;

/** A matrix on its way to another thread. */
export interface SharedSymmetricMatrix {
  readonly order: number;
  readonly tileSize: number;
  readonly tiles: readonly (readonly Float32Array[])[];
}

/**
 * A dense symmetric `order × order` float32 matrix, kept as the square tiles of its lower triangle. Tile (I,
 * J), J ≤ I, is row-major and padded with zeros at the border, its padded diagonal with ones, so that every
 * tile has one size. Tiles lie in shared memory outside of any WebAssembly instance: threads can work on them
 * without copies of the whole, and 4 GiB are no limit.
 */
export class SymmetricMatrix {
  readonly tilesPerSide: number;
  readonly #tiles: readonly (readonly Float32Array[])[];

  private constructor(
    readonly order: number,
    readonly tileSize: number,
    tiles?: SharedSymmetricMatrix['tiles'],
  ) {
    this.tilesPerSide = Math.ceil(order / tileSize);
    this.#tiles =
      tiles ??
      Array.from({ length: this.tilesPerSide }, (_, row) =>
        Array.from(
          { length: row + 1 },
          () => new Float32Array(new SharedArrayBuffer(tileSize * tileSize * 4)),
        ),
      );
  }

  /** The same tiles in another thread. */
  static of({ order, tileSize, tiles }: SharedSymmetricMatrix): SymmetricMatrix {
    return new SymmetricMatrix(order, tileSize, tiles);
  }

  /** What another thread needs; the tiles are shared, not copied. */
  share(): SharedSymmetricMatrix {
    return { order: this.order, tileSize: this.tileSize, tiles: this.#tiles };
  }

  /** A zero matrix (padded diagonal: ones). @throws CapacityExceededError before anything is allocated */
  static allocate(
    order: number,
    options: { readonly tileSize?: number; readonly maxBytes?: number } = {},
  ): SymmetricMatrix {
    const { tileSize = defaultTileSize(order), maxBytes = Number.MAX_SAFE_INTEGER } = options;
    if (!Number.isInteger(order) || order < 0 || !Number.isInteger(tileSize) || tileSize < 1) {
      throw new ShapeError('order and tileSize must be whole numbers, tileSize above 0');
    }
    const bytes = SymmetricMatrix.bytesFor(order, tileSize);
    if (bytes > maxBytes) throw new CapacityExceededError(bytes, maxBytes);
    return new SymmetricMatrix(order, tileSize);
  }

  /** Bytes of all tiles: 4·tileSize²·t(t + 1)/2 for t tiles a side. */
  static bytesFor(order: number, tileSize = defaultTileSize(order)): number {
    const side = Math.ceil(order / tileSize);
    return (4 * tileSize * tileSize * side * (side + 1)) / 2;
  }

  /** Entry (i, j). */
  get(i: number, j: number): number {
    if (!(i >= 0 && i < this.order && j >= 0 && j < this.order))
      throw new ShapeError(`(${i}, ${j}) is outside of order ${this.order}`);
    return this.#at(Math.max(i, j), Math.min(i, j));
  }

  /** A copy of the diagonal. */
  diagonal(): Float32Array {
    return Float32Array.from({ length: this.order }, (_, i) => this.#at(i, i));
  }

  /** A ← A + diag(values), or A + value·I. */
  addToDiagonal(values: Float32Array | number): void {
    if (typeof values !== 'number' && values.length !== this.order)
      throw new ShapeError('one value a row is needed');
    for (let i = 0; i < this.order; i++) {
      const tile = this.tile(Math.floor(i / this.tileSize), Math.floor(i / this.tileSize));
      tile[(i % this.tileSize) * (this.tileSize + 1)]! += typeof values === 'number' ? values : values[i]!;
    }
  }

  /** Rows of the matrix that a row of tiles covers. @internal */
  tileRow(tileRow: number): { readonly first: number; readonly rows: number } {
    const first = tileRow * this.tileSize;
    return { first, rows: Math.min(this.tileSize, this.order - first) };
  }

  /** Tile (row, col), col ≤ row, for the kernels. @internal */
  tile(row: number, col: number): Float32Array {
    return this.#tiles[row]![col]!;
  }

  #at(i: number, j: number): number {
    const size = this.tileSize;
    return this.tile(Math.floor(i / size), Math.floor(j / size))[(i % size) * size + (j % size)]!;
  }
}

/** Small matrices get one tile of their own size, rounded up to the register block. */
function defaultTileSize(order: number): number {
  return Math.min(DEFAULT_TILE_SIZE, Math.max(8, Math.ceil(order / 8) * 8));
}
