import type { Consent } from './consent.js';
import type { UserAttributes } from './user-attributes.js';

/** A user as a list names it. */
export interface StoredUser {
  readonly userId: string;
  /** When the first interaction of the user was stored, or the first word about the user. */
  readonly createdAt: Date;
}

/** What is stored of a user, in numbers. */
export interface UserSummary extends StoredUser, UserAttributes {
  /** By type, in the order of names. */
  readonly interactions: readonly { readonly type: string; readonly count: number }[];
  /** Interactions with deleted items, which are among no others until their item is put again. */
  readonly lateInteractions: number;
  /** ISO 8601, with microseconds only where there are any; null without interactions. */
  readonly firstOccurredAt: string | null;
  readonly lastOccurredAt: string | null;
  readonly consent: Consent;
}

/** An interaction as it is stored. */
export interface StoredInteraction {
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly weight: number;
  /** ISO 8601, with microseconds only where there are any. */
  readonly occurredAt: string;
}
