import type { BlockRange } from '#models';

/** What a thread that solves blocks is given. */
export interface BlockThreadTask extends BlockRange {
  /** Name of the task. */
  readonly task: string;
  /** The task itself; null where the thread may have it still. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** Compute threads. */
  readonly threads: number;
}

/** Bytes of solved blocks, and their name. */
export interface SolvedBlocks {
  readonly name: string;
  readonly bytes: Uint8Array;
}
