import { LRUCache } from 'lru-cache';
import type { Environment } from '#config';
import type { CachedHistory } from '#ranking';
import type { UserAddress } from '../../common/redis-keys.js';
import { BYTES_PER_USER, bytesOfHistory, CachedUser, userName, userNamesOf } from './cached-users.js';
import { noCounts, type Loaded, type LoadHistory, type UserCache, type UserRevision } from './user-cache.js';

/** Without a user: a revision whose history is not cached yet. */
interface MemoryEntry {
  readonly cacheEpoch: number;
  readonly revision: number;
  readonly user?: CachedUser;
}

const BYTES_PER_REVISION = 512;
/** It loses nothing that a newer revision could be forgotten by. */
const ONLY_GENERATION = 'only';

/** Histories in process memory, where there is no Redis: right for one API process. */
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

  read(address: UserAddress): Promise<CachedHistory | null> {
    return Promise.resolve(this.cached(address)?.history ?? null);
  }

  histories(catalogId: string): CachedHistory[] {
    const start = userNamesOf(catalogId);
    const keys = [...this.#entries.keys()].filter((key) => key.startsWith(start));
    return keys.map((key) => this.#entries.peek(key)?.user?.history).filter((history) => history != null);
  }

  async find(address: UserAddress, load: LoadHistory): Promise<Loaded> {
    const history = this.cached(address)?.history;
    this.counts.process.note(history != null);
    return history ?? load();
  }

  whileReading(_: readonly UserAddress[], work: () => Promise<void>): Promise<void> {
    return work();
  }

  generation(): Promise<string> {
    return Promise.resolve(ONLY_GENERATION);
  }

  generationNow(): Promise<string> {
    return this.generation();
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

  invalidate(entries: readonly UserRevision[]): Promise<string> {
    for (const { address, revision } of entries) {
      const { cacheEpoch } = address;
      if (this.#revisionOf(address) < revision)
        this.#entries.set(userName(address), { cacheEpoch, revision });
    }
    return this.generation();
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
