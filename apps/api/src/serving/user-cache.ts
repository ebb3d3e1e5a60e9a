import type { Environment } from '@app/config';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { decodeHistory, encodeHistory } from './history-codec.js';
import type { UserSide } from './user-side.js';

/** Address of one user's entry: entries of an older cache epoch are never read again. */
export interface UserAddress {
  readonly catalogId: string;
  readonly cacheEpoch: number;
  readonly userId: string;
}

/** The user side: a history each, which is newer or refused. Nothing here is needed: Postgres has it all. */
export interface UserCache {
  /** null when there is no entry, when it was invalidated, or when it was damaged, which drops it. @throws when the cache does not answer */
  get(address: UserAddress): Promise<UserSide | null>;
  /** Keeps `history` unless a newer revision was seen. */
  put(address: UserAddress, history: UserSide): Promise<void>;
  /** From now on only histories of `revision` or newer are kept. @returns false when the cache could not be told */
  invalidate(
    entries: readonly { readonly address: UserAddress; readonly revision: number }[],
  ): Promise<boolean>;
}

/** As many as the largest safe integer has. */
const REVISION_DIGITS = 16;

/**
 * KEYS[1] entry; ARGV: revision, history or '', life in seconds. An entry is a text of the revision in 16 digits, which
 * compare as numbers do, and after it the history, if there is one. A write-back that was overtaken by a change loses,
 * whatever the order of arrival.
 */
const WRITE_IF_NEWER = `
local known = redis.call('GETRANGE', KEYS[1], 0, ${REVISION_DIGITS - 1})
if ARGV[1] < known then return 0 end
if ARGV[2] ~= '' or ARGV[1] > known then redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'EX', ARGV[3])
else redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1`;

/** KEYS[1] entry; ARGV: the damaged bytes that were found in it. */
const DROP_IF_SAME = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1`;

/** Memory of decoded histories and of what models make of them. */
const DECODED_BYTES = 96 * 1024 * 1024;
/** What one costs beside its entries, and what each entry costs. */
const [BYTES_PER_HISTORY, BYTES_PER_ENTRY] = [4_096, 32];

/** A history with the bytes that it was read from. */
interface Decoded {
  readonly entry: Buffer;
  readonly history: UserSide;
}

export class RedisUserCache implements UserCache {
  /** An entry that equals the last one of a user is the same history, which then is the same object. */
  readonly #decoded: LRUCache<string, Decoded> | null;
  private readonly lifeSeconds: number;

  constructor(
    private readonly redis: Redis,
    environment: Pick<Environment, 'USER_CACHE_SECONDS' | 'USER_CACHE_ENTRIES'>,
  ) {
    this.lifeSeconds = environment.USER_CACHE_SECONDS;
    const max = environment.USER_CACHE_ENTRIES;
    const sizeCalculation = ({ history }: Decoded) =>
      BYTES_PER_HISTORY +
      history.itemKeys.length * BYTES_PER_ENTRY +
      (history.embedding?.values.byteLength ?? 0);
    this.#decoded = max === 0 ? null : new LRUCache({ max, maxSize: DECODED_BYTES, sizeCalculation });
  }

  async get(address: UserAddress): Promise<UserSide | null> {
    const key = toKey(address);
    const entry = await this.redis.getBuffer(key);
    if (!entry || isMarker(entry)) return null;
    const known = this.#decoded?.get(key);
    if (known?.entry.equals(entry)) return known.history;
    const history = decodeHistory(entry.subarray(REVISION_DIGITS));
    if (history && entry.toString('latin1', 0, REVISION_DIGITS) === toDigits(history.revision)) {
      // The reply is a part of a larger buffer, which must not be held.
      this.#decoded?.set(key, { entry: Buffer.from(entry), history });
      return history;
    }
    await this.redis.eval(DROP_IF_SAME, 1, key, entry);
    return null;
  }

  async put(address: UserAddress, history: UserSide): Promise<void> {
    await this.redis.eval(
      WRITE_IF_NEWER,
      1,
      toKey(address),
      toDigits(history.revision),
      encodeHistory(history),
      this.lifeSeconds,
    );
  }

  async invalidate(
    entries: readonly { readonly address: UserAddress; readonly revision: number }[],
  ): Promise<boolean> {
    const pipeline = this.redis.pipeline();
    for (const { address, revision } of entries)
      pipeline.eval(WRITE_IF_NEWER, 1, toKey(address), toDigits(revision), '', this.lifeSeconds);
    try {
      const results = await pipeline.exec();
      return results !== null && results.every(([error]) => error === null);
    } catch {
      return false;
    }
  }
}

/** The same in process memory, where there is no Redis: right for one API process. */
export class MemoryUserCache implements UserCache {
  readonly #entries: LRUCache<string, { readonly revision: number; readonly history: UserSide | null }>;

  constructor(environment: Environment) {
    this.#entries = new LRUCache({
      max: Math.max(1, environment.USER_CACHE_ENTRIES),
      ttl: environment.USER_CACHE_SECONDS * 1_000,
    });
  }

  get(address: UserAddress): Promise<UserSide | null> {
    return Promise.resolve(this.#entries.get(toKey(address))?.history ?? null);
  }

  put(address: UserAddress, history: UserSide): Promise<void> {
    const key = toKey(address);
    if ((this.#entries.peek(key)?.revision ?? -1) <= history.revision)
      this.#entries.set(key, { revision: history.revision, history });
    return Promise.resolve();
  }

  invalidate(
    entries: readonly { readonly address: UserAddress; readonly revision: number }[],
  ): Promise<boolean> {
    for (const { address, revision } of entries) {
      const key = toKey(address);
      if ((this.#entries.peek(key)?.revision ?? -1) < revision)
        this.#entries.set(key, { revision, history: null });
    }
    return Promise.resolve(true);
  }
}

/** A revision whose history is not known yet. */
function isMarker(entry: Buffer): boolean {
  return entry.length === REVISION_DIGITS && /^\d+$/.test(entry.toString('latin1'));
}

function toDigits(revision: number): string {
  return String(revision).padStart(REVISION_DIGITS, '0');
}

/** Short: there is one a user. Another name than that of entries of another layout. */
function toKey({ catalogId, cacheEpoch, userId }: UserAddress): string {
  return `${userKeyPrefix(catalogId)}${cacheEpoch}:${userId}`;
}

/** What the keys of all users of a catalog begin with, in Redis. */
export function userKeyPrefix(catalogId: string): string {
  return `${catalogId}:u:`;
}
