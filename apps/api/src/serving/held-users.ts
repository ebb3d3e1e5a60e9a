import { LRUCache } from 'lru-cache';
import type { Invalidations } from './user-invalidations.js';
import type { UserSide } from './user-side.js';

/** Memory of decoded histories, of what models make of them and of the last answer for each. */
const DECODED_BYTES = 128 * 1024 * 1024;
/** What one costs beside its entries, and what each entry costs. */
const [BYTES_PER_HISTORY, BYTES_PER_ENTRY] = [8_192, 32];

/** A history with the bytes that it was read from. */
interface Decoded {
  readonly entry: Buffer;
  readonly history: UserSide;
  /** In which it was read and not written since; 0: none. */
  session: number;
}

/** One or more reads of a key under way at once. */
interface Reading {
  numReaders: number;
  /** It was written meanwhile, so that what is read may be older. */
  isOvertaken: boolean;
}

/**
 * Users as Redis had them when this process last read them. One that was not written since answers for Redis, as long as every
 * write is told of; any other still saves the decoding where the bytes are the same.
 */
export class HeldUsers {
  readonly #decoded: LRUCache<string, Decoded> | null;
  /** Keys that had no entry and whose user had no history, with the session in which that was read. */
  readonly #absent: LRUCache<string, number> | null;
  readonly #readings = new Map<string, Reading>();

  /** @param invalidations null: nothing answers for Redis */
  constructor(
    max: number,
    private readonly invalidations: Invalidations | null,
  ) {
    this.#decoded = max === 0 ? null : new LRUCache({ max, maxSize: DECODED_BYTES, sizeCalculation: sizeOf });
    this.#absent = max === 0 ? null : new LRUCache({ max });
    invalidations?.listen({ onWritten: (key) => this.drop(key) });
  }

  /** @returns null for a user who has none, undefined when Redis must be asked */
  get(key: string): UserSide | null | undefined {
    if (!this.invalidations?.isFresh()) return undefined;
    const { session } = this.invalidations;
    const known = this.#decoded?.get(key);
    if (known && known.session === session) return known.history;
    return this.#absent?.get(key) === session ? null : undefined;
  }

  /** From now on Redis must be asked: the entry was written, or is about to be. */
  drop(key: string): void {
    this.#decoded?.delete(key);
    this.#absent?.delete(key);
    const reading = this.#readings.get(key);
    if (reading) reading.isOvertaken = true;
  }

  /** The same for all keys that begin like this. */
  forget(start: string): void {
    for (const held of [this.#decoded, this.#absent])
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
        hold: (entry, history) => this.#decoded?.set(key, { entry, history, session: session() }),
        holdNone: () => this.#absent?.set(key, session()),
      });
    } finally {
      if (--reading.numReaders === 0) this.#readings.delete(key);
    }
  }

  #holdAgain(key: string, entry: Buffer, session: number): UserSide | undefined {
    const known = this.#decoded?.get(key);
    if (!known?.entry.equals(entry)) return undefined;
    known.session = session;
    return known.history;
  }
}

function sizeOf({ history: { itemKeys, embedding } }: Decoded): number {
  return BYTES_PER_HISTORY + itemKeys.length * BYTES_PER_ENTRY + (embedding?.values.byteLength ?? 0);
}

/** What a read may have found. */
export interface Found {
  /** Holds what these bytes were decoded to before. @returns undefined when they are others */
  again(entry: Buffer): UserSide | undefined;
  /** @param entry not a part of a larger buffer, which would be held as well */
  hold(entry: Buffer, history: UserSide): void;
  /** There is no entry, and the user has no history either. */
  holdNone(): void;
}
