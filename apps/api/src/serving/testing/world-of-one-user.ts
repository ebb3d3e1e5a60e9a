import type { UserHistory } from '#domain';
import { CachedUsers, type CachedUser } from '../users/cached-users.js';
import { MAX_AGE_MS, type InvalidationListener, type Invalidations } from '../users/user-invalidations.js';

export const NAME = 'default:ada';
const keyIn = (cacheEpoch: number) => `U:default:${cacheEpoch}:ada`;
export const historyOf = (revision: number): UserHistory => ({
  revision,
  itemKeys: Int32Array.of(1),
  values: Float32Array.of(1),
});

/**
 * What Redis tells on the one connection, in this order: what was written (null: all), or that
 * a ping was answered.
 */
type Message =
  | { readonly key: string; readonly revision: number }
  | { readonly key: null }
  | { readonly pingSentAt: number };

/** A Redis with one user's entries, a clock, and everything that is on its way. */
export class World implements Invalidations {
  session = 1;
  now = 1_000;
  cacheEpoch = 0;
  /** 0: there is no entry. */
  revision = 0;
  /** The last one that the process was told of. */
  toldRevision = 0;
  readonly writes: { readonly at: number; readonly revision: number }[] = [];
  readonly cached = new CachedUsers(10, this);
  readonly #messages: Message[] = [];
  readonly #reads: (() => void)[] = [];
  #sessions = 1;
  #pingedAt = -Infinity;
  #listener: InvalidationListener | undefined;

  isFresh(): boolean {
    return this.session !== 0 && this.now - this.#pingedAt < MAX_AGE_MS;
  }

  /** Everything that is on its way arrives, and the answer of the ping last. */
  becomesFresh(): Promise<boolean> {
    this.ping();
    while (this.#messages.length > 0) this.deliver();
    return Promise.resolve(this.isFresh());
  }

  listen(listener: InvalidationListener): void {
    this.#listener = listener;
  }

  close(): void {
    this.session = 0;
  }

  /** By another client, which has its answer at once. */
  write(): void {
    this.revision++;
    this.writes.push({ at: this.now, revision: this.revision });
    const { revision } = this;
    if (this.session !== 0) this.#messages.push({ key: keyIn(this.cacheEpoch), revision });
  }

  /** Redis cannot be told of a write; the epoch, of which the processes know at once, says it instead. */
  writeUntold(): void {
    this.revision++;
    this.cacheEpoch++;
    this.writes.push({ at: this.now, revision: this.revision });
  }

  get(): CachedUser | undefined {
    return this.cached.get(NAME, this.cacheEpoch);
  }

  getConfirmed(): Promise<CachedUser | undefined> {
    return this.cached.getConfirmed(NAME, this.cacheEpoch);
  }

  /** What was written counts as known: the database still has it. */
  flush(): void {
    if (this.session !== 0) this.#messages.push({ key: null });
  }

  ping(): void {
    if (this.session !== 0) this.#messages.push({ pingSentAt: this.now });
  }

  deliver(): void {
    const message = this.#messages.shift();
    if (!message) return;
    if ('pingSentAt' in message) this.#pingedAt = message.pingSentAt;
    else if (message.key === null) this.session = ++this.#sessions;
    else this.#hear(message.key, message.revision);
  }

  #hear(key: string, revision: number): void {
    this.toldRevision = revision;
    this.#listener?.onWritten(key);
  }

  toggleConnection(): void {
    this.#messages.length = 0;
    this.#pingedAt = -Infinity;
    this.session = this.session === 0 ? ++this.#sessions : 0;
  }

  /** Redis answers now; the answer arrives when `finishRead` says so. */
  beginRead(): void {
    const { revision, cacheEpoch } = this;
    void this.cached.read(NAME, cacheEpoch, async (found) => {
      await new Promise<void>((done) => this.#reads.push(done));
      if (revision === 0) found.cacheNone();
      else if (!found.again(Buffer.from([revision])))
        found.cache(Buffer.from([revision]), historyOf(revision));
    });
  }

  async finishRead(which: number): Promise<void> {
    if (this.#reads.length > 0) this.#reads.splice(which % this.#reads.length, 1)[0]!();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}
