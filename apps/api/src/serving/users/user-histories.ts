import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT, type Environment } from '#config';
import { InteractionsRepository, type BeforeCommit, type ChangedUser } from '#data';
import { DomainError, MergedInto, SingleFlight, type UserHistory } from '#domain';
import type { CachedHistory, FoundHistory } from '#ranking';
import { cachePrefix, USER_KEYS, type UserAddress } from '../../common/redis-keys.js';
import { ServingCatalogs } from '../catalogs/serving-catalogs.js';
import { CACHE_REDIS } from '../redis-client.js';
import { bytesOfTraits, type CachedUser } from './cached-users.js';
import { MemoryUserCache } from './memory-user-cache.js';
import { RedisUserCache, type Loaded, type UserCache, type UserCounts } from './user-cache.js';
import { UserChange } from './user-change.js';
import { MAX_AGE_MS, RedisInvalidations } from './user-invalidations.js';

/**
 * Users whose new history is written at once after a change; beyond that the next call of each fetches it.
 */
const MAX_WARMED_USERS = 100;

/** Users in memory that are measured when it is asked how much they take. */
const MAX_MEASURED_USERS = 1_000;

/** A user, and what was done by that user; null for one who never interacted. */
export interface FoundUser {
  readonly userId: string;
  readonly history: FoundHistory | null;
}

/** What each user interacted with: from the cache, else from Postgres, else a stale one of this process. */
@Injectable()
export class UserHistories implements OnApplicationShutdown {
  readonly #cache: UserCache;
  readonly #loading = new SingleFlight<Loaded>(MAX_AGE_MS);
  /** One of each, since models cache what they make of a history. */
  readonly #stale = new WeakMap<CachedHistory, FoundHistory>();

  constructor(
    @Inject(ENVIRONMENT) environment: Environment,
    @Inject(CACHE_REDIS) redis: Redis | null,
    private readonly interactions: InteractionsRepository,
    private readonly catalogs: ServingCatalogs,
  ) {
    this.#cache = redis ? redisUserCache(redis, environment) : new MemoryUserCache(environment);
  }

  onApplicationShutdown(): void {
    this.#cache.close();
  }

  /** What was asked of the cache. */
  get counts(): UserCounts {
    return this.#cache.counts;
  }

  /** Memory of all cached users. */
  get sizeBytes(): number {
    return this.#cache.sizeBytes;
  }

  /**
   * @returns null for a user who never interacted
   * @throws DomainError `database-unavailable` when it cannot be known what the user did: a list would show
   *   what was bought a moment ago
   */
  async find(catalogId: string, userId: string): Promise<FoundHistory | null> {
    return (await this.findUser(catalogId, userId)).history;
  }

  /**
   * The same, with whose history it is: that of a merged id is of the user that it names. Such an id is not
   * cached, and costs a question to Postgres more.
   */
  async findUser(catalogId: string, userId: string): Promise<FoundUser> {
    const found = await this.#find(catalogId, userId);
    if (found instanceof MergedInto) return this.findUser(catalogId, found.userId);
    return { userId, history: found };
  }

  async #find(catalogId: string, userId: string): Promise<FoundHistory | MergedInto | null> {
    const address = this.#address(catalogId, userId);
    const cached = this.#cache.cached(address);
    if (cached && this.#isEmbedded(address, cached)) {
      this.counts.process.hits++;
      return cached.history;
    }
    try {
      const generation = await this.#cache.generation();
      const found = await this.#cache.find(address, () =>
        this.#loading.run(JSON.stringify(address), () => this.#load(address)),
      );
      if (!found || found instanceof MergedInto) return found;
      return await this.#refreshed(address, found, generation);
    } catch (error) {
      const stale = this.#cache.staleHistory(address, this.catalogs.oldestEpoch(catalogId));
      if (stale && error instanceof DomainError) return this.#asStale(stale);
      throw error;
    }
  }

  #asStale(history: CachedHistory): FoundHistory {
    const stale = this.#stale.get(history) ?? { ...history, isStale: true };
    this.#stale.set(history, stale);
    return stale;
  }

  /** What is cached for all processes, as it is. @throws Error when the cache does not answer */
  readCached(catalogId: string, userId: string): Promise<CachedHistory | null> {
    return this.#cache.read(this.#address(catalogId, userId));
  }

  /** What this process keeps of a catalog's users; of many, the mean of some times their number. */
  measure(catalogId: string): {
    readonly count: number;
    readonly bytes: number;
    readonly measured: number | null;
  } {
    const own = this.#cache.histories(catalogId);
    const measured = own.slice(0, MAX_MEASURED_USERS);
    const bytes = measured.reduce((sum, history) => sum + sizeOf(history), 0);
    const mean = bytes / Math.max(1, measured.length);
    return {
      count: own.length,
      bytes: Math.round(mean * own.length),
      measured: measured.length < own.length ? measured.length : null,
    };
  }

  /** What is cached has an epoch, which no later catalog of the name has. */
  forget(catalogId: string): void {
    this.#cache.forget(catalogId);
  }

  /** Does `work`, one transaction that may change users of a catalog, and has every cache know of it. */
  async changing<Result>(
    catalogId: string,
    work: (beforeCommit: BeforeCommit) => Promise<Result>,
  ): Promise<Result> {
    const change = new UserChange(this.#cache, {
      addressOf: (userId) => this.#address(catalogId, userId),
      giveUpAll: () => this.catalogs.raiseEpoch(catalogId),
    });
    const result = await work(change.beforeCommit);
    await change.afterCommit();
    return result;
  }

  /** To be called after the commit, so that the very next call of a changed user finds the entry. */
  async warm(catalogId: string, changed: readonly ChangedUser[]): Promise<void> {
    if (changed.length === 0 || changed.length > MAX_WARMED_USERS) return;
    const addresses = changed.map(({ userId }) => this.#address(catalogId, userId));
    await this.#cache.whileReading(addresses, () => this.#warm(catalogId, addresses));
  }

  async #warm(catalogId: string, addresses: readonly UserAddress[]): Promise<void> {
    const generation = await this.#cache.generation();
    const histories = await this.interactions
      .loadHistories(
        catalogId,
        addresses.map(({ userId }) => userId),
      )
      .catch(() => new Map<string, UserHistory>());
    const found = addresses.filter(({ userId }) => histories.has(userId));
    await Promise.all(
      found.map((address) => this.#keep(address, histories.get(address.userId)!, generation)),
    );
  }

  /** @throws DomainError `database-unavailable` */
  async #load(address: UserAddress): Promise<Loaded> {
    const { catalogId, userId } = address;
    const generation = await this.#cache.generation();
    const history = await this.interactions.loadHistory(catalogId, userId);
    return !history || history instanceof MergedInto ? history : this.#keep(address, history, generation);
  }

  /**
   * @param address made before `history` was read: what was read in an older epoch must not be found
   * in a newer one
   * @param generation asked for before `history` was read
   */
  async #keep(address: UserAddress, history: UserHistory, generation: string): Promise<CachedHistory> {
    const embedded = this.#embedded(address, history);
    await this.#cache.put(address, embedded, generation).catch(() => undefined);
    return embedded;
  }

  /** What was cached before the active model was takes its embedding in. */
  async #refreshed(address: UserAddress, cached: CachedHistory, generation: string): Promise<CachedHistory> {
    const embedded = this.#embedded(address, cached);
    return embedded === cached ? cached : this.#keep(address, embedded, generation);
  }

  #isEmbedded({ catalogId }: UserAddress, { history }: CachedUser): boolean {
    return !history || this.catalogs.activeModel(catalogId)?.hasEmbedded(history) !== false;
  }

  #embedded({ catalogId }: UserAddress, history: CachedHistory): CachedHistory {
    return this.catalogs.activeModel(catalogId)?.embedded(history) ?? history;
  }

  #address(catalogId: string, userId: string): UserAddress {
    return { catalogId, cacheEpoch: this.catalogs.cacheEpoch(catalogId), userId };
  }
}

/** Holds users unless none may be. */
function redisUserCache(redis: Redis, environment: Environment): RedisUserCache {
  const keys = { keyPrefix: cachePrefix(environment), start: USER_KEYS };
  const invalidations =
    environment.USER_CACHE_ENTRIES === 0 ? null : new RedisInvalidations(environment, keys);
  return new RedisUserCache(redis, environment, invalidations);
}

function sizeOf(history: CachedHistory): number {
  const { itemKeys, values, repeatable, alsoSeen, returning, embedding, traits } = history;
  const ofItems = [itemKeys, values, repeatable, alsoSeen, returning?.itemKeys, returning?.at];
  const arrays = [...ofItems, embedding?.values];
  const beside = traits ? bytesOfTraits(traits) : 0;
  return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), beside);
}
