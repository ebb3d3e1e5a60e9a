import type { Kernels } from '../wasm/kernels.js';

/** One piece of work, to be done after the tasks whose positions are in `after`. */
export interface Task<Args> {
  readonly args: Args;
  /** Share of the whole, for the progress. */
  readonly cost: number;
  readonly after: readonly number[];
}

/** What one thread holds while it works on an operation. */
export interface Session<Args, Result> {
  run(args: Args): Result;
  /** Frees what the session holds. @returns what it has gathered over all its tasks */
  close(): unknown;
}

/** A kind of work that threads can do; `name` is its entry in `operations.ts`. */
export interface Operation<Shared, Args, Result> {
  readonly name: string;
  open(kernels: Kernels, shared: Shared): Session<Args, Result>;
}

export interface ProgressOptions {
  /** Called with a share from 0 to 1 that never falls. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface RunOptions<Result> extends ProgressOptions {
  readonly onResult?: (result: Result, position: number) => void;
}
