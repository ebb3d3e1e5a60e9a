import type { CsrArrays } from '../matrices/csr-matrix.js';
import {
  LOWER_ONLY,
  LOWER_TRIANGULAR_A,
  LOWER_TRIANGULAR_B,
  TRANSPOSE_A,
  TRANSPOSE_B,
} from '../wasm/gemm-flags.js';
import { check, withArena, type Arena } from '../wasm/memory.js';

/** Rows of a tile of the halo. */
const TILE = 512;

/** A matrix to invert: A_SS = ZᵀZ + diag(ridge), by the rows of Zᵀ. */
export interface BlockMatrix {
  readonly zt: CsrArrays;
  readonly ridge: Float32Array;
  /** The last rows, whose columns of the inverse are wanted. */
  readonly coreSize: number;
}

/** Bytes that a block of `size` columns needs at the peak of its solution, without its entries of Z. */
export function factorBytes(size: number, coreSize: number): number {
  const halo = size - coreSize;
  const tile = Math.min(TILE, halo);
  const widest = Math.max(tile, coreSize);
  const tiles = (size * size + halo * tile + coreSize * coreSize) / 2;
  return 4 * (tiles + widest * size + widest * widest);
}

/**
 * Columns of the inverse of one dense symmetric matrix A in a thread's memory, by Cholesky's method over
 * tiles of its lower triangle, with the wanted columns C last in one tile of their own. With A = LLᵀ and
 * W_kk = L_kk⁻¹:
 *
 *   L_ik = (A_ik − Σ_{p<k} L_ip L_kpᵀ) W_kkᵀ      (factor)
 *   P_CC = W_CCᵀ W_CC,  P_Ci = −(Σ_{k>i} P_Ck L_ki) W_ii,  i falling
 *
 * since L⁻¹E_C has rows in C alone. Costs S³/3 + S²|C| FLOPs about. Every sum has a fixed order.
 */
export class BlockFactor {
  /** Where each tile begins, and the order of A. */
  readonly #starts: number[] = [];
  readonly #tiles: number[][];
  /** Room for a strip of rows, and later for P_C:. */
  readonly #panel: number;
  readonly #scratch: number;

  constructor(
    readonly arena: Arena,
    readonly matrix: BlockMatrix,
    tileSize = TILE,
  ) {
    const size = matrix.ridge.length;
    const halo = size - matrix.coreSize;
    for (let start = 0; start < halo; start += tileSize) this.#starts.push(start);
    this.#starts.push(halo, size);
    const heights = this.#starts.slice(1).map((end, tile) => end - this.#starts[tile]!);
    const widest = Math.max(...heights);
    this.#tiles = heights.map((rows, row) =>
      heights.slice(0, row + 1).map((columns) => arena.take(4 * rows * columns)),
    );
    this.#panel = arena.take(4 * widest * size);
    this.#scratch = arena.take(4 * widest * widest);
  }

  /**
   * P_C:, row-major, `coreSize × order`.
   *
   * @returns its address
   * @throws SingularMatrixError when A is not positive definite
   */
  solve(): number {
    this.#gather();
    const core = this.#tiles.length - 1;
    for (let k = 0; k <= core; k++) for (let i = k; i <= core; i++) this.#factorTile(i, k);
    this.#invertCore(core);
    for (let i = core - 1; i >= 0; i--) this.#solveTile(core, i);
    this.#copyOut(core);
    return this.#panel;
  }

  #height(tile: number): number {
    return this.#starts[tile + 1]! - this.#starts[tile]!;
  }

  #floats(row: number, column: number): Float32Array {
    return this.arena.floats(this.#tiles[row]![column]!, this.#height(row) * this.#height(column));
  }

  /** A, one strip of rows after the other. */
  #gather(): void {
    const { zt, ridge } = this.matrix;
    const { kernels } = this.arena;
    withArena(kernels, (arena) => {
      const rows = arena.takeCsr(zt.numCols, zt.numRows, zt.indices.length);
      const columns = arena.copyInCsr(zt);
      check(kernels.transpose(columns, rows.address));
      for (let row = 0; row < this.#tiles.length; row++) {
        check(kernels.gram_strip(rows.address, columns, this.#starts[row]!, this.#panel, this.#height(row)));
        this.#copyStrip(row, ridge);
      }
    });
  }

  #copyStrip(row: number, ridge: Float32Array): void {
    const order = ridge.length;
    const [first, height] = [this.#starts[row]!, this.#height(row)];
    const strip = this.arena.floats(this.#panel, height * order);
    for (let r = 0; r < height; r++) strip[r * order + first + r]! += ridge[first + r]!;
    for (let column = 0; column <= row; column++) {
      const tile = this.#floats(row, column);
      const [start, width] = [this.#starts[column]!, this.#height(column)];
      for (let r = 0; r < height; r++)
        tile.set(strip.subarray(r * order + start, r * order + start + width), r * width);
    }
  }

  #factorTile(i: number, k: number): void {
    const { kernels } = this.arena;
    const target = this.#tiles[i]![k]!;
    const [rows, columns] = [this.#height(i), this.#height(k)];
    const flags = TRANSPOSE_B | (i === k ? LOWER_ONLY : 0);
    for (let p = 0; p < k; p++) {
      const [a, b] = [this.#tiles[i]![p]!, this.#tiles[k]![p]!];
      check(kernels.multiply_dense(rows, columns, this.#height(p), -1, a, b, target, flags));
    }
    if (i === k) {
      check(kernels.inverse_of_factor(target, rows), this.#starts[k]);
      return;
    }
    this.#moveToScratch(this.#floats(i, k));
    const right = TRANSPOSE_B | LOWER_TRIANGULAR_B;
    const factor = this.#tiles[k]![k]!;
    check(kernels.multiply_dense(rows, columns, columns, 1, this.#scratch, factor, target, right));
  }

  /** W_CC becomes P_CC. */
  #invertCore(core: number): void {
    const size = this.#height(core);
    this.#moveToScratch(this.#floats(core, core));
    const [w, target] = [this.#scratch, this.#tiles[core]![core]!];
    const flags = TRANSPOSE_A | LOWER_TRIANGULAR_A | LOWER_TRIANGULAR_B;
    check(this.arena.kernels.multiply_dense(size, size, size, 1, w, w, target, flags));
  }

  /** L_Ci, which nothing else needs any more, becomes P_Ci. */
  #solveTile(core: number, i: number): void {
    const { kernels } = this.arena;
    const [rows, columns] = [this.#height(core), this.#height(i)];
    this.arena.floats(this.#scratch, rows * columns).fill(0);
    for (let k = i + 1; k <= core; k++) {
      const [a, b] = [this.#tiles[core]![k]!, this.#tiles[k]![i]!];
      check(kernels.multiply_dense(rows, columns, this.#height(k), 1, a, b, this.#scratch, 0));
    }
    this.#floats(core, i).fill(0);
    const [w, target] = [this.#tiles[i]![i]!, this.#tiles[core]![i]!];
    const flags = LOWER_TRIANGULAR_B;
    check(kernels.multiply_dense(rows, columns, columns, -1, this.#scratch, w, target, flags));
  }

  #moveToScratch(tile: Float32Array): void {
    this.arena.write(this.#scratch, tile);
    tile.fill(0);
  }

  #copyOut(core: number): void {
    const order = this.matrix.ridge.length;
    const rows = this.#height(core);
    const panel = this.arena.floats(this.#panel, rows * order);
    for (let column = 0; column <= core; column++) {
      const tile = this.#floats(core, column);
      const [start, width] = [this.#starts[column]!, this.#height(column)];
      for (let r = 0; r < rows; r++) panel.set(tile.subarray(r * width, (r + 1) * width), r * order + start);
    }
  }
}
