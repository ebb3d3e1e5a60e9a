import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Database } from '../connection/database.js';
import { ListenConnection } from '../connection/listen-connection.js';
import type { Change } from './catalog-change.js';
import { ChangeLog } from './change-log.js';
import { ToldChanges, type ToldChange } from './told-changes.js';

export interface ChangeListener {
  onChange(change: Change): void;
  /** After every connect: changes may have been missed, so read what you follow anew. */
  onResync(): void;
}

/** Told by PostgreSQL at once, or only by what is read every second where that does not work. */
export type ChangeFeedState = 'listening' | 'polling';

/** When a process last knew that it misses nothing. */
export interface Heard {
  /** In ms since 1970. */
  readonly at: number;
  /** How long the last test notification took; while polling, the time since it last knew. */
  readonly lagMs: number;
}

export interface ChangeFeedTimes {
  readonly testEveryMs: number;
  readonly pollEveryMs: number;
}

/** With the time of an answer at most the 2 s of docs/operations.md. */
const TIMES: ChangeFeedTimes = { testEveryMs: 60_000, pollEveryMs: 1_000 };
const PRUNE_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

/**
 * Changes of all catalogs as they are committed, over one LISTEN connection that comes back by itself. It
 * tests whether it hears, at the start and every minute. A connection that went silent tells nothing, so
 * changes are read from the database every second too, and told if they were not heard of.
 */
export class ChangeFeed {
  readonly #logger = new Logger(ChangeFeed.name);
  readonly #listeners = new Set<ChangeListener>();
  readonly #closed = new AbortController();
  readonly #log: ChangeLog;
  readonly #told = new ToldChanges();
  #connection: ListenConnection | null = null;
  /** From a try that failed until it listens again. */
  #mustPoll = false;
  #state: ChangeFeedState | null = null;
  #heard: Heard | null = null;
  #loops: Promise<unknown> | null = null;

  /** @param listenUrl where notifications come from: not through a pooler, if that can be */
  constructor(
    private readonly database: Database,
    private readonly listenUrl = database.url,
    private readonly times = TIMES,
  ) {
    this.#log = new ChangeLog(database);
  }

  get state(): ChangeFeedState {
    return this.#state ?? 'polling';
  }

  /** Null until this process has heard or read anything. */
  get heard(): Heard | null {
    return this.#heard;
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the feed listens, or after the first failed try; it goes on trying until it is closed. */
  async start(): Promise<void> {
    if (this.#loops) return;
    await new Promise<void>((firstTryDone) => {
      this.#loops = Promise.all([
        this.#keepListening(firstTryDone),
        this.#everyMs(this.times.pollEveryMs, () => this.#read()),
        this.#everyMs(PRUNE_EVERY_MS, () => this.#log.prune().catch(() => undefined)),
      ]);
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#connection?.close();
    await this.#loops;
  }

  async #keepListening(firstTryDone: () => void): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#closed.signal.aborted) {
      const outcome = await this.#listen(firstTryDone).catch(() => 'failed' as const);
      this.#mustPoll = outcome !== 'lost';
      firstTryDone();
      retryMs = outcome === 'failed' ? Math.min(retryMs * 2, LAST_RETRY_MS) : FIRST_RETRY_MS;
      await this.#delay(outcome === 'deaf' ? this.times.testEveryMs : retryMs);
    }
  }

  /**
   * @returns `deaf` for a connection that is told nothing; `lost` when one that heard is gone,
   * or hears no longer
   */
  async #listen(heard: () => void): Promise<'deaf' | 'lost'> {
    const connection = await ListenConnection.open(this.listenUrl, (payload) =>
      this.#tell(JSON.parse(payload) as ToldChange),
    );
    this.#connection = connection;
    try {
      if (!(await this.#hears(connection))) return 'deaf';
      await connection.listen();
      await this.#log.begin().catch(() => undefined);
      this.#enter('listening');
      this.#resync();
      heard();
      await this.#untilDeaf(connection);
      return 'lost';
    } finally {
      connection.close();
    }
  }

  async #untilDeaf(connection: ListenConnection): Promise<void> {
    const isLost = connection.lost.then(() => true);
    for (;;) {
      if (await Promise.race([isLost, this.#delay(this.times.testEveryMs)])) return;
      // A test that cannot be sent says nothing of this connection.
      const hears = await this.#hears(connection).catch(() => true);
      if (!hears || this.#closed.signal.aborted) return;
    }
  }

  async #hears(connection: ListenConnection): Promise<boolean> {
    const sentAt = performance.now();
    const hears = await connection.hears(this.database);
    if (hears) this.#heard = { at: Date.now(), lagMs: performance.now() - sentAt };
    return hears;
  }

  async #read(): Promise<void> {
    // The first try to listen is under way, and ends in reading everything anew.
    if (this.#state === null && !this.#mustPoll) return;
    const changes = await this.#log.read().catch(() => undefined);
    if (changes === undefined) return;
    this.#noteRead();
    if (this.#mustPoll) this.#enter('polling');
    if (changes === null) this.#resync();
    else changes.forEach((change) => this.#tell(change));
  }

  #noteRead(): void {
    const at = Date.now();
    const { at: before, lagMs } = this.#heard ?? { at, lagMs: 0 };
    this.#heard = { at, lagMs: this.#mustPoll ? Math.max(0, at - before) : lagMs };
  }

  #enter(state: ChangeFeedState): void {
    this.#mustPoll = state === 'polling';
    const before = this.#state;
    this.#state = state;
    if (state === before) return;
    if (state === 'polling')
      this.#logger.warn({ event: 'changes.polling', reason: 'LISTEN does not work, as behind a pooler' });
    else if (before) this.#logger.log({ event: 'changes.listening' });
  }

  #resync(): void {
    for (const listener of this.#listeners) listener.onResync();
  }

  #tell(told: ToldChange): void {
    const change = this.#told.take(told);
    if (change) this.#publish(change);
  }

  #publish(change: Change): void {
    for (const listener of this.#listeners) listener.onChange(change);
  }

  async #everyMs(ms: number, work: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#delay(ms);
      if (this.#closed.signal.aborted) return;
      await work();
    }
  }

  /** @returns false after the time, and at once when the feed is closed */
  async #delay(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    return false;
  }
}
