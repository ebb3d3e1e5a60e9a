import type { KernelExports } from './abi.js';
import {
  bestKernel,
  instantiate,
  takeOverMemory,
  type JoinedMemory,
  type KernelName,
  type MemoryKind,
} from './loader.js';

/** One instance of the kernels, which belongs to the thread that loaded it. */
export class Kernels {
  #exports: KernelExports | null = null;

  constructor(
    readonly name: KernelName,
    readonly memoryKind: MemoryKind = 'own',
  ) {}

  /** Kernels on the memory of another thread, which has transferred it. */
  static over(joined: JoinedMemory): Kernels {
    const kernels = new Kernels(joined.kernel, 'shared');
    kernels.#exports = takeOverMemory(joined);
    return kernels;
  }

  /**
   * The instance's exports; an instance that trapped is dropped and the next call has a fresh one. @internal
   */
  run<Result>(work: (exports: KernelExports) => Result): Result {
    this.#exports ??= instantiate(this.name, this.memoryKind);
    try {
      return work(this.#exports);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) this.#exports = null;
      throw error;
    }
  }

  /**
   * Runs the register block of the dense product by itself: the speed that nothing built on it can pass.
   *
   * @returns FLOPs done
   */
  runMicroKernel(repeats: number): number {
    return this.run((exports) => repeats * exports.run_micro_kernel(repeats));
  }

  /** Bytes of the instance's memory. */
  get memoryBytes(): number {
    return this.#exports?.memory.buffer.byteLength ?? 0;
  }
}

/**
 * Loads the fastest build that this process can run, or the named one. @throws SparseError when it cannot run
 */
export function loadKernels(name: KernelName = bestKernel(), memoryKind: MemoryKind = 'own'): Kernels {
  const kernels = new Kernels(name, memoryKind);
  kernels.run(() => undefined);
  return kernels;
}
