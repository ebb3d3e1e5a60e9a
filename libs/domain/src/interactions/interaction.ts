import type { UserTraits } from '../people/user-attributes.js';
import type { RecommendedBy } from './attribution.js';

/** One observed event between a user and an item, with external ids. */
export interface Interaction {
  readonly userId: string;
  readonly itemId: string;
  /** e.g. `view`, `buy`; a catalog learns a type when it first sees it. */
  readonly type: string;
  /** Strength of the event, greater than 0. */
  readonly weight: number;
  /** Null in a row of an import that has no time: the catalog dates it. */
  readonly occurredAt: Date | null;
  /** Number of the row that it was read from; absent: its place in the batch. */
  readonly row?: number | undefined;
  /** List that led to it, by the `recommendationId` that came with it; absent: it counts for no model. */
  readonly recommendedBy?: RecommendedBy | undefined;
}

/**
 * An interaction with its time, as one that is posted has: without `occurredAt` that of the server's clock.
 */
export type DatedInteraction = Interaction & { readonly occurredAt: Date };

/** What becomes of interactions with items that a catalog does not know. */
export const UNKNOWN_ITEMS = ['create', 'refuse'] as const;
export type UnknownItems = (typeof UNKNOWN_ITEMS)[number];

/** What becomes of a batch with a row that is refused: nothing is stored, or the good rows are. */
export const ON_INVALID = ['refuse', 'skip'] as const;
export type OnInvalid = (typeof ON_INVALID)[number];

/** A row that was left out. */
export interface RefusedRow {
  /** Number of the row in its file, or place in its batch. */
  readonly row: number;
  readonly reason: string;
}

/** All rows of a batch that were left out; the first of them are named. */
export interface RefusedRows {
  readonly count: number;
  readonly rows: readonly RefusedRow[];
}

/** The type of an interaction that names none. */
export const DEFAULT_INTERACTION_TYPE = 'interaction';

/** What became of a stored batch: `stored + duplicates + merged` is its size without refused rows. */
export interface StoredBatch {
  readonly stored: number;
  /** Events that were stored before, or came twice in the batch. */
  readonly duplicates: number;
  /** Rows of a set that name a pair again. */
  readonly merged: number;
}

/**
 * What a user has interacted with, as the models see it: the newest `LIMITS.historyItems` distinct
 * items in ascending `itemKey`, each with its value x_ui = max over the pair's positive interactions
 * of typeWeight · weight.
 */
export interface UserHistory {
  /** Grows with every stored change of this user; tells a newer history from an older one. */
  readonly revision: number;
  readonly itemKeys: Int32Array;
  readonly values: Float32Array;
  /** Those of `itemKeys`, ascending, that may be answered all the same; absent: none. */
  readonly repeatable?: Int32Array | undefined;
  /**
   * Keys of older items, ascending, that must not be answered either, though nothing else is known of
   * them here; absent: none.
   */
  readonly alsoSeen?: Int32Array | undefined;
  /** Items of both that may be answered again from a time on; absent: none. */
  readonly returning?: ReturningItems | undefined;
  /** True when the user has said no to personal lists: then nothing is known of the history here. */
  readonly isRefused?: true | undefined;
  /** Absent: a boost can read nothing of the user. */
  readonly traits?: UserTraits | undefined;
}

/** Seen items that come back to the lists of their user. */
export interface ReturningItems {
  /** Ascending. */
  readonly itemKeys: Int32Array;
  /** When each may be answered again, in ms since 1970. */
  readonly at: Float64Array;
}
