import type { ServedItem } from '#domain';
import type { Shortfall } from './shortfall.js';

/** What can put an item into a list. */
export const SOURCES = ['model', 'tags', 'popular', 'catalogue', 'pinned', 'latest'] as const;
export type Source = (typeof SOURCES)[number];

/** An item that a list may have, and who says so. */
export interface Candidate {
  readonly itemKey: number;
  readonly score: number;
  readonly source: Source;
  /** Before a boost, a rotation or a pin; absent: none of them changed the score. */
  readonly baseScore?: number | undefined;
}

/** What a past item adds to a score. */
export interface Reason {
  readonly itemId: string;
  readonly part: number;
}

/** An item on its place. */
export interface RankedItem extends Candidate {
  readonly item: ServedItem;
  readonly because?: readonly Reason[] | undefined;
}

/** A finished list. */
export interface Ranking {
  readonly items: readonly RankedItem[];
  readonly reason: Shortfall | undefined;
}

/** An item that somebody has put on a place. */
export interface Pin {
  readonly itemKey: number;
  /** From 1. */
  readonly position: number;
}
