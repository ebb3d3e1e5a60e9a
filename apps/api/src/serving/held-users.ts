import { LRUCache } from 'lru-cache';
import type { Invalidations } from './user-invalidations.js';
import type { UserSide } from './user-side.js';

/** Memory of decoded histories and of what models make of them, for each user that may be held; those of most need half of it. */
const BYTES_PER_USER = 10 * 1024;
/** What one costs beside its entries, and what each entry costs. */
const [BYTES_PER_HISTORY, BYTES_PER_ENTRY] = [4_608, 32];

/** One user as Redis had it when this process last read it, and what else is kept for as long as that is so. */
export class HeldUser {
  /** To be called when nothing that was made from this may be answered any more. */
  onDropped: (() => void) | undefined;

  /**
   * @param history null: there is none
   * @param entry the bytes that it was read from, if it was read
   * @param session in which it was read and not written since; 0: none
   */
  constructor(
    readonly history: UserSide | null,
    readonly entry: Buffer | null,
    public session: number,
  ) {}

  drop(): void {
    this.session = 0;
    this.onDropped?.();
    this.onDropped = undefined;
  }
}

/** One or more reads of a key under way at once. */
interface Reading {
  numReaders: number;
  /** It was written meanwhile, so that what is read may be older. */
  isOvertaken: boolean;
}

/**
 * Users as Redis had them when this process last read them. One that was not written since answers for Redis, as long as every
 * write is told of; any other still saves the decoding where the bytes are the same, and is what was known last.
 */
export class HeldUsers {
  readonly #known: LRUCache<string, HeldUser> | null;
  /** Those that had no entry and have no history: apart, so that made-up ids do not displace users. */
  readonly #absent: LRUCache<string, HeldUser> | null;
  readonly #readings = new Map<string, Reading>();

  /** @param invalidations null: nothing answers for Redis */
  constructor(
    max: number,
    private readonly invalidations: Invalidations | null,
  ) {
    const dispose = (user: HeldUser) => user.drop();
    const sized = { maxSize: max * BYTES_PER_USER, sizeCalculation: sizeOf };
    this.#known = max === 0 ? null : new LRUCache({ max, dispose, ...sized });
    this.#absent = max === 0 ? null : new LRUCache({ max, dispose });
    invalidations?.listen({ onWritten: (key) => this.drop(key) });
  }

  /** @returns undefined when Redis must be asked */
  get(key: string): HeldUser | undefined {
    if (!this.invalidations?.isFresh()) return undefined;
    const { session } = this.invalidations;
    const known = this.#known?.get(key);
    if (known?.session === session) return known;
    const absent = this.#absent?.get(key);
    return absent?.session === session ? absent : undefined;
  }

  /** Whether `get` would answer with this user. */
  isCurrent({ session }: HeldUser): boolean {
    return this.invalidations?.isFresh() === true && session === this.invalidations.session;
  }

  /** However old it is. */
  lastKnown(key: string): UserSide | null {
    return this.#known?.peek(key)?.history ?? null;
  }

  /** Histories whose keys begin like this. */
  histories(start: string): UserSide[] {
    return [...(this.#known?.keys() ?? [])]
      .filter((key) => key.startsWith(start))
      .map((key) => this.lastKnown(key)!);
  }

  /** Keeps what is about to be written, for when nothing can be read. */
  remember(key: string, history: UserSide): void {
    this.drop(key);
    this.#known?.set(key, new HeldUser(history, null, 0));
  }

  /** From now on Redis must be asked: the entry was written, or is about to be. */
  drop(key: string): void {
    this.#known?.delete(key);
    this.#absent?.delete(key);
    const reading = this.#readings.get(key);
    if (reading) reading.isOvertaken = true;
  }

  /** The same for all keys that begin like this. */
  forget(start: string): void {
    for (const held of [this.#known, this.#absent])
      for (const key of held?.keys() ?? []) if (key.startsWith(start)) this.drop(key);
  }

  /** Does `work`, which reads a key; what it finds can be held unless the key is written meanwhile. */
  async read<Result>(key: string, work: (found: Found) => Promise<Result>): Promise<Result> {
    const reading = this.#readings.get(key) ?? { numReaders: 0, isOvertaken: false };
    this.#readings.set(key, reading);
    reading.numReaders++;
    const before = this.invalidations?.session ?? 0;
    const session = () => (reading.isOvertaken || before !== this.invalidations?.session ? 0 : before);
    try {
      return await work({
        again: (entry) => this.#holdAgain(key, entry, session()),
        hold: (entry, history) => {
          this.#absent?.delete(key);
          this.#known?.set(key, new HeldUser(history, entry, session()));
        },
        holdNone: () => {
          this.#known?.delete(key);
          this.#absent?.set(key, new HeldUser(null, null, session()));
        },
      });
    } finally {
      if (--reading.numReaders === 0) this.#readings.delete(key);
    }
  }

  #holdAgain(key: string, entry: Buffer, session: number): UserSide | null {
    const known = this.#known?.get(key);
    if (!known?.entry?.equals(entry)) return null;
    known.session = session;
    return known.history;
  }
}

function sizeOf({ history }: HeldUser): number {
  const { itemKeys, embedding } = history!;
  return BYTES_PER_HISTORY + itemKeys.length * BYTES_PER_ENTRY + (embedding?.values.byteLength ?? 0);
}

/** What a read may have found. */
export interface Found {
  /** Holds what these bytes were decoded to before. @returns null when they are others */
  again(entry: Buffer): UserSide | null;
  /** @param entry not a part of a larger buffer, which would be held as well */
  hold(entry: Buffer, history: UserSide): void;
  /** There is no entry, and the user has no history either. */
  holdNone(): void;
}
