import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Environment } from '#config';
import { CacheCounts, type MergedInto } from '#domain';
import type { CachedHistory } from '#ranking';
import { GENERATION_KEY, redisKeyOfUser, type UserAddress } from '../../common/redis-keys.js';
import { RUN_LENGTH, ServerRun } from '../server-run.js';
import { CachedUsers, userName, userNamesOf, type CachedUser, type Found } from './cached-users.js';
import { decodeHistory, encodeHistory } from './history-codec.js';
import type { Invalidations } from './user-invalidations.js';

/** The history of an id, or whom a merged id names; null: there is neither. */
export type Loaded = CachedHistory | MergedInto | null;
/** Reads a history where the cache has none. */
export type LoadHistory = () => Promise<Loaded>;

/** The stored revision of a user. */
export interface UserRevision {
  readonly address: UserAddress;
  readonly revision: number;
}

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
  /** What is cached for all processes, as it is. @throws Error when the cache does not answer */
  read(address: UserAddress): Promise<CachedHistory | null>;
  /** All histories of a catalog that this process keeps. */
  histories(catalogId: string): CachedHistory[];
  /**
   * What is cached, else what `load` says, which has to put it here: when there is no entry, when it was
   * invalidated, when it was damaged or written to an earlier run of the server, which drops it, and when the
   * cache does not answer. A merged id is never cached.
   */
  find(address: UserAddress, load: LoadHistory): Promise<Loaded>;
  /** Does `work`, which reads histories and puts them here. */
  whileReading(addresses: readonly UserAddress[], work: () => Promise<void>): Promise<void>;
  /**
   * To be asked before a history is read that is to be put here. Of a cache that has lost what it had since,
   * it is another one: a newer revision may have been seen there.
   */
  generation(): Promise<string>;
  /** The same, asked anew. */
  generationNow(): Promise<string>;
  /** Keeps `history` unless a newer revision was seen, or may have been seen since `generation`. */
  put(address: UserAddress, history: CachedHistory, generation: string): Promise<void>;
  /**
   * From now on only histories of `revision` or newer are kept, for as long as the cache has the generation
   * that is returned. @returns null when it could not be told
   */
  invalidate(entries: readonly UserRevision[]): Promise<string | null>;
  /** Drops what this process keeps of a catalog's users. */
  forget(catalogId: string): void;
  close(): void;
}

/** As many as the largest safe integer has. */
const REVISION_DIGITS = 16;
/** Of what an entry has before its history: revision and run. */
export const HEAD_LENGTH = REVISION_DIGITS + RUN_LENGTH;

/**
 * KEYS: entry, generation; ARGV: revision, run and history or '', life in seconds, generation. An entry is a
 * text of the revision in 16 digits, which compare as numbers do, and after it the history, if there is one,
 * with the run of the server that it was written to. A write-back that was overtaken by a change loses,
 * whatever the order of arrival, even where Redis has lost the change since.
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

/** KEYS[1] entry; ARGV: the bytes that were found in it, damaged or of another run. */
const DROP_IF_SAME = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1`;

export class RedisUserCache implements UserCache {
  readonly counts = noCounts();
  readonly #cached: CachedUsers;
  private readonly lifeSeconds: number;
  /** As last read; null: Redis had none. */
  #generation: string | null = null;

  /** @param server tells the run of the server that `redis` asks */
  constructor(
    private readonly redis: Redis,
    environment: Pick<Environment, 'USER_CACHE_SECONDS' | 'USER_CACHE_ENTRIES'>,
    private readonly invalidations: Invalidations | null = null,
    private readonly server: Pick<ServerRun, 'id'> = new ServerRun(redis),
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

  async read(address: UserAddress): Promise<CachedHistory | null> {
    const entry = await this.redis.getBuffer(redisKeyOfUser(address));
    return entry && !isMarker(entry) ? decodeHistory(entry.subarray(HEAD_LENGTH)) : null;
  }

  histories(catalogId: string): CachedHistory[] {
    return this.#cached.histories(userNamesOf(catalogId));
  }

  async find(address: UserAddress, load: LoadHistory): Promise<Loaded> {
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

  async whileReading(addresses: readonly UserAddress[], work: () => Promise<void>): Promise<void> {
    const names = addresses.map(userName);
    for (const name of names) this.#cached.beginReading(name);
    try {
      await work();
    } finally {
      for (const name of names) this.#cached.endReading(name);
    }
  }

  async generation(): Promise<string> {
    const run = await this.server.id().catch(() => null);
    if (run === null) return UNKNOWN_GENERATION;
    return this.#generation?.startsWith(run) ? this.#generation : this.generationNow();
  }

  async generationNow(): Promise<string> {
    return (await this.#ask(this.redis.pipeline()).catch(() => null)) ?? UNKNOWN_GENERATION;
  }

  async put(address: UserAddress, history: CachedHistory, generation: string): Promise<void> {
    const [run, mark] = [generation.slice(0, RUN_LENGTH), generation.slice(RUN_LENGTH)];
    const bytes = Buffer.concat([Buffer.from(run), encodeHistory(history)]);
    const keys = [redisKeyOfUser(address), GENERATION_KEY];
    await this.redis
      .eval(WRITE_IF_NEWER, 2, ...keys, toDigits(history.revision), bytes, this.lifeSeconds, mark)
      .catch((error: unknown) => {
        // Redis would know whether a newer revision was seen; what it takes is cached by the next read.
        this.#cached.remember(userName(address), address.cacheEpoch, history);
        throw error;
      });
  }

  async invalidate(entries: readonly UserRevision[]): Promise<string | null> {
    const pipeline = this.redis.pipeline();
    for (const { address, revision } of entries) {
      this.#cached.drop(userName(address));
      const keys = [redisKeyOfUser(address), GENERATION_KEY];
      pipeline.eval(WRITE_IF_NEWER, 2, ...keys, toDigits(revision), '', this.lifeSeconds);
    }
    return this.#ask(pipeline).catch(() => null);
  }

  /**
   * Sends commands, and asks in which generation they were done. @returns null where one of them failed
   *
   * @throws when Redis does not answer
   */
  async #ask(pipeline: ReturnType<Redis['pipeline']>): Promise<string | null> {
    const run = await this.server.id();
    const results = await pipeline
      .set(GENERATION_KEY, randomUUID(), 'EX', this.lifeSeconds, 'NX')
      .get(GENERATION_KEY)
      .exec();
    if (!results?.every(([error]) => error === null)) return null;
    this.#generation = run + String(results.at(-1)![1]);
    return this.#generation;
  }

  forget(catalogId: string): void {
    this.#cached.forget(userNamesOf(catalogId));
  }

  close(): void {
    this.invalidations?.close();
  }

  /** @returns null when there is no entry, undefined when there is one without a history */
  async #read(key: string, found: Found): Promise<CachedHistory | null | undefined> {
    const run = await this.server.id();
    const [entry, mark] = await this.redis.mgetBuffer(key, GENERATION_KEY);
    this.#generation = mark ? run + mark.toString() : null;
    if (!entry) return null;
    if (isMarker(entry)) return undefined;
    const history = wasWrittenTo(run, entry) ? (found.again(entry) ?? this.#decode(entry, found)) : null;
    if (history) return history;
    await this.redis.eval(DROP_IF_SAME, 1, key, entry);
    return undefined;
  }

  /** @returns null when it is damaged */
  #decode(entry: Buffer, found: Found): CachedHistory | null {
    const history = decodeHistory(entry.subarray(HEAD_LENGTH));
    if (!history || entry.toString('latin1', 0, REVISION_DIGITS) !== toDigits(history.revision)) return null;
    // The reply is a part of a larger buffer, which must not stay in memory.
    found.cache(Buffer.from(entry), history);
    return history;
  }
}

export function noCounts(): UserCounts {
  return { process: new CacheCounts(), redis: new CacheCounts() };
}

/** A revision whose history is not cached yet. */
function isMarker(entry: Buffer): boolean {
  return entry.length === REVISION_DIGITS && /^\d+$/.test(entry.toString('latin1'));
}

/** What was written to an earlier run may be older than a change of which this one has lost the marker. */
function wasWrittenTo(run: string, entry: Buffer): boolean {
  return entry.toString('latin1', REVISION_DIGITS, HEAD_LENGTH) === run;
}

function toDigits(revision: number): string {
  return String(revision).padStart(REVISION_DIGITS, '0');
}
