import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Environment } from '#config';
import { CacheCounts } from '../../common/cache-counts.js';
import { GENERATION_KEY, redisKeyOfUser, type UserAddress } from '../../common/redis-keys.js';
import type { CachedHistory } from './cached-history.js';
import { CachedUsers, userName, userNamesOf, type CachedUser, type Found } from './cached-users.js';
import { decodeHistory, encodeHistory } from './history-codec.js';
import type { Invalidations } from './user-invalidations.js';

/** Reads a history where the cache has none. */
export type LoadHistory = () => Promise<CachedHistory | null>;

export interface UserCounts {
  readonly process: CacheCounts;
  readonly redis: CacheCounts;
}

/** Histories of users, one each, which is newer or refused. Nothing here is needed: Postgres has it all. */
export interface UserCache {
  /** Of users in process memory, and of those that were then asked of Redis. */
  readonly counts: UserCounts;
  /** Memory of all users. */
  readonly sizeBytes: number;
  /** What is cached in this process. @returns undefined when the history has to be found */
  cached(address: UserAddress): CachedUser | undefined;
  /**
   * What this process knew last, for when nothing can be read, if it was so in the cache
   * epoch `oldestEpoch` or later.
   */
  staleHistory(address: UserAddress, oldestEpoch: number): CachedHistory | null;
  /** All histories of a catalog that this process keeps. */
  histories(catalogId: string): CachedHistory[];
  /**
   * What is cached, else what `load` says, which has to put it here: when there is no entry, when it was
   * invalidated, when it was damaged, which drops it, and when the cache does not answer.
   */
  find(address: UserAddress, load: LoadHistory): Promise<CachedHistory | null>;
  /**
   * To be asked before a history is read that is to be put here. Of a cache that has lost what it had since,
   * it is another one: a newer revision may have been seen there.
   */
  generation(): Promise<string>;
  /** Keeps `history` unless a newer revision was seen, or may have been seen since `generation`. */
  put(address: UserAddress, history: CachedHistory, generation: string): Promise<void>;
  /**
   * From now on only histories of `revision` or newer are kept. @returns false when the cache
   * could not be told
   */
  invalidate(
    entries: readonly { readonly address: UserAddress; readonly revision: number }[],
  ): Promise<boolean>;
  /** Drops what this process keeps of a catalog's users. */
  forget(catalogId: string): void;
  close(): void;
}

/** As many as the largest safe integer has. */
const REVISION_DIGITS = 16;

/**
 * KEYS: entry, generation; ARGV: revision, history or '', life in seconds, generation. An entry is a text of
 * the revision in 16 digits, which compare as numbers do, and after it the history, if there is one. A
 * write-back that was overtaken by a change loses, whatever the order of arrival, even where Redis has lost
 * the change since.
 */
const WRITE_IF_NEWER = `
if ARGV[2] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[4] then return 0 end
local cached = redis.call('GETRANGE', KEYS[1], 0, ${REVISION_DIGITS - 1})
if ARGV[1] < cached then return 0 end
if ARGV[2] ~= '' or ARGV[1] > cached then redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'EX', ARGV[3])
else redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1`;

/** Redis has none like it. */
export const UNKNOWN_GENERATION = '';

/** KEYS[1] entry; ARGV: the damaged bytes that were found in it. */
const DROP_IF_SAME = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1`;

export class RedisUserCache implements UserCache {
  readonly counts = noCounts();
  readonly #cached: CachedUsers;
  private readonly lifeSeconds: number;
  /** As last read; null: Redis had none. */
  #generation: string | null = null;

  constructor(
    private readonly redis: Redis,
    environment: Pick<Environment, 'USER_CACHE_SECONDS' | 'USER_CACHE_ENTRIES'>,
    private readonly invalidations: Invalidations | null = null,
  ) {
    this.lifeSeconds = environment.USER_CACHE_SECONDS;
    this.#cached = new CachedUsers(environment.USER_CACHE_ENTRIES, invalidations);
  }

  get sizeBytes(): number {
    return this.#cached.sizeBytes;
  }

  cached(address: UserAddress): CachedUser | undefined {
    return this.#cached.get(userName(address), address.cacheEpoch);
  }

  staleHistory(address: UserAddress, oldestEpoch: number): CachedHistory | null {
    return this.#cached.staleHistory(userName(address), oldestEpoch);
  }

  histories(catalogId: string): CachedHistory[] {
    return this.#cached.histories(userNamesOf(catalogId));
  }

  async find(address: UserAddress, load: LoadHistory): Promise<CachedHistory | null> {
    const { cacheEpoch } = address;
    const name = userName(address);
    const confirmed = await this.#cached.getConfirmed(name, cacheEpoch);
    this.counts.process.note(confirmed !== undefined);
    if (confirmed) return confirmed.history;
    return this.#cached.read(name, cacheEpoch, async (found) => {
      const cached = await this.#read(redisKeyOfUser(address), found).catch(() => undefined);
      this.counts.redis.note(cached != null);
      if (cached) return cached;
      const history = await load();
      if (!history && cached === null) found.cacheNone();
      return history;
    });
  }

  async generation(): Promise<string> {
    if (this.#generation !== null) return this.#generation;
    const asked = this.redis
      .pipeline()
      .set(GENERATION_KEY, randomUUID(), 'EX', this.lifeSeconds, 'NX')
      .get(GENERATION_KEY);
    const results = await asked.exec().catch(() => null);
    this.#generation = (results?.[1]?.[1] as string | null | undefined) ?? null;
    return this.#generation ?? UNKNOWN_GENERATION;
  }

  async put(address: UserAddress, history: CachedHistory, generation: string): Promise<void> {
    const [revision, bytes] = [toDigits(history.revision), encodeHistory(history)];
    const keys = [redisKeyOfUser(address), GENERATION_KEY];
    await this.redis
      .eval(WRITE_IF_NEWER, 2, ...keys, revision, bytes, this.lifeSeconds, generation)
      .catch((error: unknown) => {
        // Redis would know whether a newer revision was seen; what it takes is cached by the next read.
        this.#cached.remember(userName(address), address.cacheEpoch, history);
        throw error;
      });
  }

  async invalidate(
    entries: readonly { readonly address: UserAddress; readonly revision: number }[],
  ): Promise<boolean> {
    const pipeline = this.redis.pipeline();
    for (const { address, revision } of entries) {
      this.#cached.drop(userName(address));
      const keys = [redisKeyOfUser(address), GENERATION_KEY];
      pipeline.eval(WRITE_IF_NEWER, 2, ...keys, toDigits(revision), '', this.lifeSeconds);
    }
    try {
      const results = await pipeline.exec();
      return results !== null && results.every(([error]) => error === null);
    } catch {
      return false;
    }
  }

  forget(catalogId: string): void {
    this.#cached.forget(userNamesOf(catalogId));
  }

  close(): void {
    this.invalidations?.close();
  }

  /** @returns null when there is no entry, undefined when there is one without a history */
  async #read(key: string, found: Found): Promise<CachedHistory | null | undefined> {
    const [entry, generation] = await this.redis.mgetBuffer(key, GENERATION_KEY);
    this.#generation = generation?.toString() ?? null;
    if (!entry) return null;
    if (isMarker(entry)) return undefined;
    const again = found.again(entry);
    if (again) return again;
    const history = decodeHistory(entry.subarray(REVISION_DIGITS));
    if (history && entry.toString('latin1', 0, REVISION_DIGITS) === toDigits(history.revision)) {
      // The reply is a part of a larger buffer, which must not stay in memory.
      found.cache(Buffer.from(entry), history);
      return history;
    }
    await this.redis.eval(DROP_IF_SAME, 1, key, entry);
    return undefined;
  }
}

export function noCounts(): UserCounts {
  return { process: new CacheCounts(), redis: new CacheCounts() };
}

/** A revision whose history is not cached yet. */
function isMarker(entry: Buffer): boolean {
  return entry.length === REVISION_DIGITS && /^\d+$/.test(entry.toString('latin1'));
}

function toDigits(revision: number): string {
  return String(revision).padStart(REVISION_DIGITS, '0');
}
