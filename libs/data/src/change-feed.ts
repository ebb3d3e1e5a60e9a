import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { CHANGE_CHANNEL, type CatalogChange } from './catalog-change.js';

export interface ChangeListener {
  onChange(change: CatalogChange): void;
  /** After every connect: changes may have been missed, so read what you follow anew. */
  onResync(): void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

/** Changes of all catalogs as they are committed, over one LISTEN connection that comes back by itself. */
export class ChangeFeed {
  readonly #listeners = new Set<ChangeListener>();
  readonly #closed = new AbortController();
  #client: pg.Client | null = null;
  #loop: Promise<void> | null = null;

  constructor(private readonly databaseUrl: string) {}

  /** @returns a function that ends the subscription */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the feed listens, or after the first failed try; it goes on trying until it is closed. */
  async start(): Promise<void> {
    if (this.#loop) return;
    await new Promise<void>((firstTryDone) => {
      this.#loop = this.#listenUntilClosed(firstTryDone);
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#client?.end().catch(() => undefined);
    await this.#loop;
  }

  async #listenUntilClosed(firstTryDone: () => void): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#closed.signal.aborted) {
      try {
        const connection = await this.#connect();
        retryMs = FIRST_RETRY_MS;
        firstTryDone();
        await connection.lost;
      } catch {
        firstTryDone();
      }
      await delay(retryMs, undefined, { signal: this.#closed.signal }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }

  async #connect(): Promise<{ readonly lost: Promise<void> }> {
    const client = new pg.Client({ connectionString: this.databaseUrl, keepAlive: true });
    const lost = new Promise<void>((resolve) =>
      client.on('error', () => resolve()).on('end', () => resolve()),
    );
    this.#client = client;
    await client.connect();
    client.on('notification', ({ payload }) => this.#publish(payload));
    await client.query(`LISTEN ${CHANGE_CHANNEL}`);
    for (const listener of this.#listeners) listener.onResync();
    return { lost };
  }

  #publish(payload: string | undefined): void {
    const change = JSON.parse(payload ?? 'null') as CatalogChange | null;
    if (change) for (const listener of this.#listeners) listener.onChange(change);
  }
}
