import type { RunError } from '#domain';
import type { PartBytes } from '#models';

/** Blocks that a compute thread of a run wants to have solved, which workers share. */
export interface WantedBlocks {
  /** Of the bytes, by `artifactName`. */
  readonly task: string;
  /** By `encodeBlockTask`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly numBlocks: number;
  /** Of whoever solves a part. */
  readonly memory: PartBytes;
}

/** What the thread is told meanwhile; a part may come again. */
export type FlowMessage =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'part'; readonly position: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: RunError };
