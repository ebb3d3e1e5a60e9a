import type { ChangedUser } from '#data';
import type { UserAddress } from '../../common/redis-keys.js';
import { UNKNOWN_GENERATION, type UserCache, type UserRevision } from './user-cache.js';

/** A cache that loses what it has again and again is given up. */
const MAX_ATTEMPTS = 3;

interface Surroundings {
  readonly addressOf: (userId: string) => UserAddress;
  /** Makes every cached user of the catalog unreadable. */
  readonly giveUpAll: () => Promise<void>;
}

/**
 * Users whom one transaction changes. The cache is told of them before it commits. What was told may be lost
 * until it has committed, and meanwhile another process may cache what it has read before the commit: so it
 * is asked again after.
 */
export class UserChange {
  readonly #told: UserRevision[] = [];
  /** In which all of them were told; null: not in one. */
  #generation: string | null = null;

  constructor(
    private readonly cache: Pick<UserCache, 'generationNow' | 'invalidate'>,
    private readonly surroundings: Surroundings,
  ) {}

  /** @returns false when the cache could not be told, and the transaction has to raise the cache epoch */
  readonly beforeCommit = async (changed: readonly ChangedUser[]): Promise<boolean> => {
    const entries = changed.map(({ userId, revision }) => ({
      address: this.surroundings.addressOf(userId),
      revision,
    }));
    const generation = await this.cache.invalidate(entries);
    if (generation === null) return false;
    this.#generation = this.#told.length === 0 || this.#generation === generation ? generation : null;
    this.#told.push(...entries);
    return true;
  };

  /** To be called after the commit, and before it is acknowledged. */
  async afterCommit(): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS && this.#told.length > 0; attempt++) {
      const now = await this.cache.generationNow();
      if (now !== UNKNOWN_GENERATION && now === this.#generation) return;
      this.#generation = await this.cache.invalidate(this.#told);
    }
    if (this.#told.length > 0) await this.surroundings.giveUpAll();
  }
}
