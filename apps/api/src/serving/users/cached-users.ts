import { LRUCache } from 'lru-cache';
import type { UserTraits } from '#domain';
import type { CachedHistory } from '#ranking';
import { userOfKey, type UserAddress } from '../../common/redis-keys.js';
import type { Invalidations } from './user-invalidations.js';

/**
 * Memory of decoded histories and of what models make of them, for each user that may be cached; those of
 * most need half of it.
 */
export const BYTES_PER_USER = 10 * 1024;
/** What one costs beside its entries, and what each entry costs. */
const [BYTES_PER_HISTORY, BYTES_PER_ENTRY] = [4_608, 32];
/** The same of traits. */
const [BYTES_PER_TRAITS, BYTES_PER_TRAIT] = [512, 64];

/**
 * One user as Redis had it when this process last read it, and what else is cached for as long as that is so.
 */
export class CachedUser {
  readonly cacheEpoch: number;
  /** The bytes that it was read from, if it was read. */
  readonly entry: Buffer | null;
  /** In which it was read and not written since; 0: none. */
  session: number;

  /** @param history null: there is none */
  constructor(
    readonly history: CachedHistory | null,
    { cacheEpoch, entry, session }: Pick<CachedUser, 'cacheEpoch' | 'entry' | 'session'>,
  ) {
    this.cacheEpoch = cacheEpoch;
    this.entry = entry;
    this.session = session;
  }

  drop(): void {
    this.session = 0;
  }
}

/** One or more reads of a user under way at once. */
interface Reading {
  numReaders: number;
  /** It was written meanwhile, so that what is read may be older. */
  isOvertaken: boolean;
}

/**
 * Users as Redis had them when this process last read them. One that was not written since answers for Redis,
 * as long as every write is told of; any other still saves the decoding where the bytes are the same, and is
 * a stale answer when nothing else can be asked. There is one of each user, of the newest cache epoch in
 * which the user was read, under a name that is the same in all epochs.
 */
export class CachedUsers {
  readonly #present: LRUCache<string, CachedUser> | null;
  /** Those that had no entry and have no history: apart, so that made-up ids do not displace users. */
  readonly #absent: LRUCache<string, CachedUser> | null;
  readonly #readings = new Map<string, Reading>();

  /** @param invalidations null: nothing answers for Redis */
  constructor(
    max: number,
    private readonly invalidations: Invalidations | null,
  ) {
    const dispose = (user: CachedUser) => user.drop();
    const sized = {
      maxSize: max * BYTES_PER_USER,
      sizeCalculation: ({ history }: CachedUser) => bytesOfHistory(history!),
    };
    this.#present = max === 0 ? null : new LRUCache({ max, dispose, ...sized });
    this.#absent = max === 0 ? null : new LRUCache({ max, dispose });
    invalidations?.listen({ onWritten: (key) => this.#dropKey(key) });
  }

  /** What all cached users count as. */
  get sizeBytes(): number {
    return this.#present?.calculatedSize ?? 0;
  }

  /** @returns undefined when Redis must be asked */
  get(name: string, cacheEpoch: number): CachedUser | undefined {
    return this.invalidations?.isFresh() ? this.#ofThisSession(name, cacheEpoch) : undefined;
  }

  /**
   * The same, where it may first have to be asked whether all that Redis told has arrived: one question
   * for all who wait.
   */
  async getConfirmed(name: string, cacheEpoch: number): Promise<CachedUser | undefined> {
    if (!this.#ofThisSession(name, cacheEpoch)) return undefined;
    return (await this.invalidations?.becomesFresh()) ? this.#ofThisSession(name, cacheEpoch) : undefined;
  }

  /** However old it is, but not from before a cache epoch. */
  staleHistory(name: string, oldestEpoch: number): CachedHistory | null {
    const cached = this.#present?.peek(name);
    return cached && cached.cacheEpoch >= oldestEpoch ? cached.history : null;
  }

  /** Histories of those whose names begin like this. */
  histories(start: string): CachedHistory[] {
    return [...(this.#present?.keys() ?? [])]
      .filter((name) => name.startsWith(start))
      .map((name) => this.staleHistory(name, 0)!);
  }

  /** Keeps what could not be written, for when nothing can be read, unless a write has overtaken it. */
  remember(name: string, cacheEpoch: number, history: CachedHistory): void {
    if (this.#readings.get(name)?.isOvertaken || this.#hasNewer(name, cacheEpoch)) return;
    this.#present?.set(name, new CachedUser(history, { cacheEpoch, entry: null, session: 0 }));
    this.#absent?.delete(name);
  }

  /** From now on Redis must be asked: an entry of the user was written, or is about to be. */
  drop(name: string): void {
    this.#present?.delete(name);
    this.#absent?.delete(name);
    const reading = this.#readings.get(name);
    if (reading) reading.isOvertaken = true;
  }

  #dropKey(key: string): void {
    const user = userOfKey(key);
    if (user) this.drop(userName(user));
  }

  /** The same for all whose names begin like this. */
  forget(start: string): void {
    for (const cached of [this.#present, this.#absent])
      for (const name of cached?.keys() ?? []) if (name.startsWith(start)) this.drop(name);
  }

  /**
   * Does `work`, which reads an entry; what it finds can be cached unless an entry of the
   * user is written meanwhile.
   */
  async read<Result>(
    name: string,
    cacheEpoch: number,
    work: (found: Found) => Promise<Result>,
  ): Promise<Result> {
    const reading = this.beginReading(name);
    const before = this.invalidations?.session ?? 0;
    const session = () => (before === this.invalidations?.session ? before : 0);
    const cache = (history: CachedHistory | null, entry: Buffer | null) => {
      // What is older than a write is no answer for when nothing can be read either.
      if (!reading.isOvertaken)
        this.#set(name, new CachedUser(history, { cacheEpoch, entry, session: session() }));
    };
    try {
      return await work({
        again: (entry) =>
          reading.isOvertaken ? null : this.#holdAgain(name, { cacheEpoch, entry, session: session() }),
        cache: (entry, history) => cache(history, entry),
        cacheNone: () => cache(null, null),
      });
    } finally {
      this.endReading(name);
    }
  }

  /** From now on it is noted whether the user is written. Until `endReading`. */
  beginReading(name: string): Reading {
    const reading = this.#readings.get(name) ?? { numReaders: 0, isOvertaken: false };
    this.#readings.set(name, reading);
    reading.numReaders++;
    return reading;
  }

  endReading(name: string): void {
    const reading = this.#readings.get(name)!;
    if (--reading.numReaders === 0) this.#readings.delete(name);
  }

  #ofThisSession(name: string, cacheEpoch: number): CachedUser | undefined {
    const session = this.invalidations?.session ?? 0;
    const answers = (user: CachedUser | undefined) =>
      session !== 0 && user?.session === session && user.cacheEpoch === cacheEpoch;
    const cached = this.#present?.get(name);
    if (answers(cached)) return cached;
    const absent = this.#absent?.get(name);
    return answers(absent) ? absent : undefined;
  }

  #set(name: string, user: CachedUser): void {
    if (this.#hasNewer(name, user.cacheEpoch)) return;
    const [cached, other] = user.history ? [this.#present, this.#absent] : [this.#absent, this.#present];
    other?.delete(name);
    cached?.set(name, user);
  }

  #holdAgain(
    name: string,
    { cacheEpoch, entry, session }: Pick<CachedUser, 'cacheEpoch' | 'session'> & { readonly entry: Buffer },
  ): CachedHistory | null {
    const cached = this.#present?.get(name);
    if (cached?.cacheEpoch !== cacheEpoch || !cached.entry?.equals(entry)) return null;
    cached.session = session;
    return cached.history;
  }

  /** What was read in an older epoch must not displace what was read in a newer one. */
  #hasNewer(name: string, cacheEpoch: number): boolean {
    return [this.#present, this.#absent].some((cached) => (cached?.peek(name)?.cacheEpoch ?? 0) > cacheEpoch);
  }
}

/** The same in all cache epochs. */
export function userName({ catalogId, userId }: Omit<UserAddress, 'cacheEpoch'>): string {
  return userNamesOf(catalogId) + userId;
}

/** What the names of all users of a catalog begin with. */
export function userNamesOf(catalogId: string): string {
  return `${catalogId}:`;
}

/** Bytes that a cached history counts as. */
export function bytesOfHistory({ itemKeys, alsoSeen, returning, embedding, traits }: CachedHistory): number {
  const arrays = [alsoSeen, returning?.itemKeys, returning?.at, embedding?.values];
  const beside = arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
  return (
    BYTES_PER_HISTORY + itemKeys.length * BYTES_PER_ENTRY + beside + (traits ? bytesOfTraits(traits) : 0)
  );
}

/** A trait is an entry of a set or map, and its name two bytes a character. */
export function bytesOfTraits({ tags, numbers }: UserTraits): number {
  const names = [...tags, ...numbers.keys()];
  return names.reduce((sum, name) => sum + BYTES_PER_TRAIT + 2 * name.length, BYTES_PER_TRAITS);
}

/** What a read may have found. */
export interface Found {
  /** Holds what these bytes were decoded to before. @returns null when they are others */
  again(entry: Buffer): CachedHistory | null;
  /** @param entry not a part of a larger buffer, which would stay in memory as well */
  cache(entry: Buffer, history: CachedHistory): void;
  /** There is no entry, and the user has no history either. */
  cacheNone(): void;
}
