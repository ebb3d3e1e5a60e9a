import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Environment } from '#config';
import { CacheCounts } from '../../common/cache-counts.js';
import { redisKeyOfUser, type UserAddress } from '../../common/redis-keys.js';
import type { CachedHistory } from './cached-history.js';
import {
  BYTES_PER_USER,
  CachedUser,
  CachedUsers,
  bytesOfHistory,
  userName,
  userNamesOf,
  type Found,
} from './cached-users.js';
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
  /** Keeps `history` unless a newer revision was seen. */
  put(address: UserAddress, history: CachedHistory): Promise<void>;
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
 * KEYS[1] entry; ARGV: revision, history or '', life in seconds. An entry is a text of the revision in 16
 * digits, which compare as numbers do, and after it the history, if there is one. A write-back that was
 * overtaken by a change loses, whatever the order of arrival.
 */
const WRITE_IF_NEWER = `
local cached = redis.call('GETRANGE', KEYS[1], 0, ${REVISION_DIGITS - 1})
if ARGV[1] < cached then return 0 end
if ARGV[2] ~= '' or ARGV[1] > cached then redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'EX', ARGV[3])
else redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1`;

/** KEYS[1] entry; ARGV: the damaged bytes that were found in it. */
const DROP_IF_SAME = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1`;

export class RedisUserCache implements UserCache {
  readonly counts = noCounts();
  readonly #cached: CachedUsers;
  private readonly lifeSeconds: number;

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

  async put(address: UserAddress, history: CachedHistory): Promise<void> {
    const [revision, bytes] = [toDigits(history.revision), encodeHistory(history)];
    await this.redis
      .eval(WRITE_IF_NEWER, 1, redisKeyOfUser(address), revision, bytes, this.lifeSeconds)
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
      pipeline.eval(WRITE_IF_NEWER, 1, redisKeyOfUser(address), toDigits(revision), '', this.lifeSeconds);
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
    const entry = await this.redis.getBuffer(key);
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

/** Without a user: a revision whose history is not cached yet. */
interface MemoryEntry {
  readonly cacheEpoch: number;
  readonly revision: number;
  readonly user?: CachedUser;
}

const BYTES_PER_REVISION = 512;

/** The same in process memory, where there is no Redis: right for one API process. */
export class MemoryUserCache implements UserCache {
  readonly counts = noCounts();
  readonly #entries: LRUCache<string, MemoryEntry>;
  readonly #maxBytes: number;

  constructor(environment: Pick<Environment, 'USER_CACHE_SECONDS' | 'USER_CACHE_ENTRIES'>) {
    const max = Math.max(1, environment.USER_CACHE_ENTRIES);
    this.#maxBytes = max * BYTES_PER_USER;
    this.#entries = new LRUCache({
      max,
      maxSize: this.#maxBytes,
      sizeCalculation: ({ user }) => (user?.history ? bytesOfHistory(user.history) : BYTES_PER_REVISION),
      ttl: environment.USER_CACHE_SECONDS * 1_000,
      dispose: ({ user }) => user?.drop(),
    });
  }

  get sizeBytes(): number {
    return this.#entries.calculatedSize;
  }

  cached(address: UserAddress): CachedUser | undefined {
    const entry = this.#entries.get(userName(address));
    return entry?.cacheEpoch === address.cacheEpoch ? entry.user : undefined;
  }

  staleHistory(address: UserAddress, oldestEpoch: number): CachedHistory | null {
    const entry = this.#entries.get(userName(address));
    return (entry && entry.cacheEpoch >= oldestEpoch && entry.user?.history) || null;
  }

  histories(catalogId: string): CachedHistory[] {
    const start = userNamesOf(catalogId);
    const keys = [...this.#entries.keys()].filter((key) => key.startsWith(start));
    return keys.map((key) => this.#entries.peek(key)?.user?.history).filter((history) => history != null);
  }

  async find(address: UserAddress, load: LoadHistory): Promise<CachedHistory | null> {
    const history = this.cached(address)?.history;
    this.counts.process.note(history != null);
    return history ?? load();
  }

  put(address: UserAddress, history: CachedHistory): Promise<void> {
    const { revision } = history;
    const { cacheEpoch } = address;
    if (this.#revisionOf(address) > revision) return Promise.resolve();
    // Of one that is too large the revision stays, which older histories are refused by.
    const fits = bytesOfHistory(history) <= this.#maxBytes;
    const user = fits && new CachedUser(history, { cacheEpoch, entry: null, session: 1 });
    this.#entries.set(userName(address), { cacheEpoch, revision, ...(user && { user }) });
    return Promise.resolve();
  }

  invalidate(
    entries: readonly { readonly address: UserAddress; readonly revision: number }[],
  ): Promise<boolean> {
    for (const { address, revision } of entries) {
      const { cacheEpoch } = address;
      if (this.#revisionOf(address) < revision)
        this.#entries.set(userName(address), { cacheEpoch, revision });
    }
    return Promise.resolve(true);
  }

  /**
   * The newest revision in the epoch of the address; that of an older one does not count, of a newer
   * one nothing is newer.
   */
  #revisionOf(address: UserAddress): number {
    const entry = this.#entries.peek(userName(address));
    if (!entry || entry.cacheEpoch < address.cacheEpoch) return -1;
    return entry.cacheEpoch > address.cacheEpoch ? Infinity : entry.revision;
  }

  forget(catalogId: string): void {
    const start = userNamesOf(catalogId);
    for (const key of this.#entries.keys()) if (key.startsWith(start)) this.#entries.delete(key);
  }

  close(): void {
    this.#entries.clear();
  }
}

function noCounts(): UserCounts {
  return { process: new CacheCounts(), redis: new CacheCounts() };
}

/** A revision whose history is not cached yet. */
function isMarker(entry: Buffer): boolean {
  return entry.length === REVISION_DIGITS && /^\d+$/.test(entry.toString('latin1'));
}

function toDigits(revision: number): string {
  return String(revision).padStart(REVISION_DIGITS, '0');
}
