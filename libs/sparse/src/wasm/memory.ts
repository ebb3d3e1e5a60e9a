import { CapacityExceededError, ShapeError, SingularMatrixError } from '../errors.js';
import type { CsrArrays } from '../matrices/csr-matrix.js';
import type { StoredFactors } from '../matrices/factor-matrix.js';
import type { KernelExports } from './abi.js';

/** A 32-bit WebAssembly memory ends here. */
export const MEMORY_LIMIT_BYTES = 2 ** 32 - 65_536;

type Block = { readonly address: number; readonly bytes: number };
type Numbers = Float32Array | Uint32Array | Uint8Array | Int8Array;

/**
 * Memory of one instance for the time of one computation: everything taken from it is given back by `free()`.
 * Views are made anew for every access, since memory that grows leaves old ones detached.
 */
export class Arena {
  readonly #blocks: Block[] = [];

  constructor(readonly kernels: KernelExports) {}

  /** Address of `bytes` fresh bytes. */
  take(bytes: number): number {
    const address = bytes < MEMORY_LIMIT_BYTES ? this.kernels.allocate(bytes) >>> 0 : 0;
    if (address === 0) throw new CapacityExceededError(bytes, MEMORY_LIMIT_BYTES);
    this.#blocks.push({ address, bytes });
    return address;
  }

  /** Address of a copy of `source`. */
  copyIn(source: Numbers): number {
    const address = this.take(source.byteLength);
    this.write(address, source);
    return address;
  }

  write(address: number, source: Numbers): void {
    const { buffer, byteOffset, byteLength } = source;
    this.bytes(address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.kernels.memory.buffer, address, length);
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.kernels.memory.buffer, address, length);
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, address, length);
  }

  integers(address: number, length: number): Uint32Array {
    return new Uint32Array(this.kernels.memory.buffer, address, length);
  }

  /** Address of the crate's `RawCsr` for a copy of `matrix`. */
  copyInCsr(matrix: CsrArrays): number {
    const { numRows, numCols } = matrix;
    const nnz = matrix.indices.length;
    const parts = [matrix.indptr, matrix.indices, matrix.values].map((part) => this.copyIn(part));
    return this.copyIn(Uint32Array.of(numRows, numCols, ...parts, nnz));
  }

  /** Address of the crate's `RawFactors` for a copy of `factors`, as they are stored. */
  copyInFactors({ numRows, numCols, values, scales }: StoredFactors): number {
    const rows = this.copyIn(values);
    return this.copyIn(Uint32Array.of(numRows, numCols, rows, scales ? this.copyIn(scales) : 0));
  }

  /** Address of a `RawCsr` to be filled, and how to read it afterwards. */
  takeCsr(
    numRows: number,
    numCols: number,
    nnz: number,
  ): { readonly address: number; readonly parts: readonly number[] } {
    const parts = [this.take((numRows + 1) * 4), this.take(nnz * 4), this.take(nnz * 4)];
    return { address: this.copyIn(Uint32Array.of(numRows, numCols, ...parts, nnz)), parts };
  }

  free(): void {
    for (const { address, bytes } of this.#blocks.splice(0)) this.kernels.release(address, bytes);
  }
}

/** Runs `work` with an arena that is freed whatever happens. */
export function withArena<Result>(kernels: KernelExports, work: (arena: Arena) => Result): Result {
  const arena = new Arena(kernels);
  try {
    return work(arena);
  } finally {
    arena.free();
  }
}

/** Turns a kernel's status into an error; `firstPivot` places a block's pivot within the whole matrix. */
export function check(status: number, firstPivot = 0): void {
  if (status === 0) return;
  if (status === 1) throw new ShapeError('dimensions do not belong together');
  if (status === 2) throw new ShapeError('indices are not strictly ascending within the matrix');
  if (status === 3) throw new ShapeError('values must be finite');
  throw new SingularMatrixError(firstPivot + status - 4);
}
