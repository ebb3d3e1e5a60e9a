import type { Environment } from '@app/config';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { decodeHistory, encodeHistory } from './history-codec.js';
import { keyOf, nameOf, type UserAddress, type UserCache, type UserChange } from './user-cache.js';
import type { UserChanges } from './user-changes.js';
import type { UserSide } from './user-side.js';

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

/** The same, and all processes are told. ARGV[4], ARGV[5]: where, and whose. */
const WRITE_AND_TELL = `redis.call('PUBLISH', ARGV[4], ARGV[5])${WRITE_IF_NEWER}`;

/** KEYS[1] entry; ARGV: the damaged bytes that were found in it. */
const DROP_IF_SAME = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1`;

/** Memory of decoded histories and of what models make of them. */
const DECODED_BYTES = 96 * 1024 * 1024;
/** What one costs beside its entries, and what each entry costs. */
const [BYTES_PER_HISTORY, BYTES_PER_ENTRY] = [4_096, 32];

/** A history with where and of which bytes it was read. */
interface Decoded {
  readonly cacheEpoch: number;
  readonly entry: Buffer;
  readonly history: UserSide;
  /** Every change since it was read takes it away. */
  isHeld: boolean;
}

/** A read under way. */
interface Reading {
  readonly name: string;
  /** The user may have been changed since it began. */
  isOvertaken: boolean;
}

/** Users in Redis, and of those read lately a copy in this process, which holds as long as no change is heard of. */
export class RedisUserCache implements UserCache {
  /** By user. An entry that equals the last one of a user is the same history, which then is the same object. */
  readonly #decoded: LRUCache<string, Decoded> | null;
  readonly #readings = new Set<Reading>();
  private readonly lifeSeconds: number;

  /** @param changes absent: nothing is held, and Redis is asked in every call */
  constructor(
    private readonly redis: Redis,
    environment: Pick<Environment, 'USER_CACHE_SECONDS' | 'USER_CACHE_ENTRIES'>,
    private readonly changes?: UserChanges,
  ) {
    this.lifeSeconds = environment.USER_CACHE_SECONDS;
    const max = environment.USER_CACHE_ENTRIES;
    this.#decoded = max === 0 ? null : new LRUCache({ max, maxSize: DECODED_BYTES, sizeCalculation: sizeOf });
    changes?.on('changed', (name) => this.#drop(name));
    changes?.on('missed', () => this.#dropAll());
  }

  peek(address: UserAddress): UserSide | undefined {
    const known = this.#decoded?.get(nameOf(address));
    const isHeld = known?.isHeld === true && known.cacheEpoch === address.cacheEpoch;
    return isHeld && this.changes?.isUpToDate() ? known.history : undefined;
  }

  async get(address: UserAddress): Promise<UserSide | null> {
    const reading = { name: nameOf(address), isOvertaken: !this.changes?.isListening };
    this.#readings.add(reading);
    try {
      const entry = await this.redis.getBuffer(keyOf(address));
      if (!entry || isMarker(entry)) return null;
      return this.#decode(address, entry, !reading.isOvertaken) ?? (await this.#dropDamaged(address, entry));
    } finally {
      this.#readings.delete(reading);
    }
  }

  async put(address: UserAddress, history: UserSide): Promise<void> {
    await this.redis.eval(
      WRITE_IF_NEWER,
      1,
      keyOf(address),
      toDigits(history.revision),
      encodeHistory(history),
      this.lifeSeconds,
    );
  }

  async invalidate(changes: readonly UserChange[]): Promise<boolean> {
    const channel = this.changes?.channel ?? '';
    const pipeline = this.redis.pipeline();
    for (const { address, revision } of changes) {
      this.#drop(nameOf(address));
      const entry = [toDigits(revision), '', this.lifeSeconds];
      pipeline.eval(WRITE_AND_TELL, 1, keyOf(address), ...entry, channel, nameOf(address));
    }
    try {
      const results = await pipeline.exec();
      return results !== null && results.every(([error]) => error === null);
    } catch {
      return false;
    }
  }

  close(): void {
    this.changes?.close();
  }

  #decode({ cacheEpoch, ...user }: UserAddress, entry: Buffer, isHeld: boolean): UserSide | null {
    const name = nameOf(user);
    const known = this.#decoded?.get(name);
    if (known?.cacheEpoch === cacheEpoch && known.entry.equals(entry)) {
      known.isHeld ||= isHeld;
      return known.history;
    }
    const history = decodeHistory(entry.subarray(REVISION_DIGITS));
    if (!history || entry.toString('latin1', 0, REVISION_DIGITS) !== toDigits(history.revision)) return null;
    // The reply is a part of a larger buffer, which must not be held.
    this.#decoded?.set(name, { cacheEpoch, entry: Buffer.from(entry), history, isHeld });
    return history;
  }

  async #dropDamaged(address: UserAddress, entry: Buffer): Promise<null> {
    await this.redis.eval(DROP_IF_SAME, 1, keyOf(address), entry);
    return null;
  }

  #drop(changed: string): void {
    this.#decoded?.delete(changed);
    for (const reading of this.#readings) if (reading.name === changed) reading.isOvertaken = true;
  }

  #dropAll(): void {
    this.#decoded?.clear();
    for (const reading of this.#readings) reading.isOvertaken = true;
  }
}

function sizeOf({ history, entry }: Decoded): number {
  const embedding = history.embedding?.values.byteLength ?? 0;
  return BYTES_PER_HISTORY + history.itemKeys.length * BYTES_PER_ENTRY + embedding + entry.length;
}

/** A revision whose history is not known yet. */
function isMarker(entry: Buffer): boolean {
  return entry.length === REVISION_DIGITS && /^\d+$/.test(entry.toString('latin1'));
}

function toDigits(revision: number): string {
  return String(revision).padStart(REVISION_DIGITS, '0');
}
