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

/** What a list is made for: a user's, or a basket as one. */
export type KeyedHistory = Omit<CachedHistory, 'revision'>;
