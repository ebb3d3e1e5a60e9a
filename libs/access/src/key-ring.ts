import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ENVIRONMENT, isOpenWithoutKeys, type Environment } from '#config';
import { ApiKeysRepository, ChangeFeed, databaseUnavailable, type StoredApiKey } from '#data';
import { type ApiKey, isSameHash, isValid, readToken, Sequence } from '#domain';

const MINUTE_MS = 60_000;
const RETRY_MS = 1_000;

/**
 * All keys, in memory. They are read anew whenever one was made or revoked anywhere, so a key that is
 * revoked lets nobody in as soon as the change feed has told.
 */
@Injectable()
export class KeyRing implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(KeyRing.name);
  readonly #reads = new Sequence();
  readonly #isOpenAtFirst: boolean;
  /** Null until they were read. */
  #keys: ReadonlyMap<string, StoredApiKey> | null = null;
  /** By origin. */
  #keysOfPages: ReadonlyMap<string, readonly ApiKey[]> = new Map();
  #used = new Set<string>();
  #uses: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly repository: ApiKeysRepository,
    private readonly feed: ChangeFeed,
    @Inject(ENVIRONMENT) environment: Environment,
  ) {
    this.#isOpenAtFirst = isOpenWithoutKeys(environment);
  }

  async onModuleInit(): Promise<void> {
    this.feed.subscribe({
      onChange: ({ kind }) => void (kind === 'keys-changed' && this.refresh()),
      onResync: () => void this.refresh(),
    });
    this.#uses = setInterval(() => void this.#noteUses(), MINUTE_MS).unref();
    await this.refresh();
    if (!this.#isOpenAtFirst && this.#keys?.size === 0)
      this.#logger.warn({
        event: 'keys.none',
        reason: 'Calls need a key and there is none; make one with "sparserec keys create --name admin"',
      });
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#uses);
    clearTimeout(this.#retry);
    await this.#noteUses();
  }

  /** Whether callers need none. @throws DomainError `database-unavailable` while it is not known */
  get isOpen(): boolean {
    if (this.#keys === null) throw databaseUnavailable();
    return this.#isOpenAtFirst && this.#keys.size === 0;
  }

  /** The same; false while it is not known. */
  get isKnownOpen(): boolean {
    return this.#isOpenAtFirst && this.#keys?.size === 0;
  }

  /** The key of a token, valid or not; null for what is none of ours. */
  find(token: string): ApiKey | null {
    const read = readToken(token);
    const stored = read && this.#keys?.get(read.id);
    return stored && isSameHash(stored.hash, read.hash) ? stored.key : null;
  }

  /** The same, if it is valid now. */
  findValid(token: string | null): ApiKey | null {
    const key = token === null ? null : this.find(token);
    return key && isValid(key, new Date()) ? key : null;
  }

  /** Whether pages of the origin have a valid key. */
  isOriginOfPages(origin: string): boolean {
    const now = new Date();
    return this.#keysOfPages.get(origin)?.some((key) => isValid(key, now)) === true;
  }

  /** Counts as used in this minute. */
  noteUse({ id }: ApiKey): void {
    this.#used.add(id);
  }

  /** Takes in what this process or another has changed; while the database is away it goes on trying. */
  refresh(): Promise<void> {
    return this.#reads.run(async () => {
      try {
        const stored = await this.repository.findAll();
        this.#keys = new Map(stored.map((entry) => [entry.key.id, entry]));
        this.#keysOfPages = byOrigin(stored.map(({ key }) => key));
      } catch (error) {
        this.#logger.warn({ event: 'keys.not-read', error: String(error) });
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => void this.refresh(), RETRY_MS).unref();
      }
    });
  }

  async #noteUses(): Promise<void> {
    const used = this.#used;
    if (used.size === 0) return;
    this.#used = new Set();
    const minute = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
    await this.repository
      .noteUse([...used], minute)
      .catch((error: unknown) => this.#logger.warn({ event: 'keys.use-not-noted', error: String(error) }));
  }
}

function byOrigin(keys: readonly ApiKey[]): Map<string, ApiKey[]> {
  const found = new Map<string, ApiKey[]>();
  for (const key of keys)
    for (const origin of key.origins ?? []) found.set(origin, [...(found.get(origin) ?? []), key]);
  return found;
}
