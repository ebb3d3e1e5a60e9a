import type { UserHistory } from '#domain';

/** What one model made of a history by fold-in. */
export interface UserEmbedding {
  readonly modelId: string;
  readonly values: Float32Array;
}

/** All that is cached of a user. */
export interface CachedHistory extends UserHistory {
  /**
   * Of the model that was active when the user was last asked about; absent for models that fold in as
   * fast as they read.
   */
  readonly embedding?: UserEmbedding | undefined;
}

/** What is known of a user at the moment. */
export interface FoundHistory extends CachedHistory {
  /** True: nobody could be asked whether something newer is there. */
  readonly isStale?: boolean | undefined;
}

/** What a list is made for: a user's, or a basket as one. */
export type KeyedHistory = Omit<FoundHistory, 'revision'>;
