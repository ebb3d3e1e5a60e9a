import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';

/** What was heard of longer ago no longer says that nothing has changed since. */
export const TRUSTED_MS = 100;
/** Time between two questions whether all has been heard, while there are calls. */
const ASK_MS = 40;

/**
 * Hears of every changed user of every process on a Redis connection of its own. Redis answers there in the order in which it
 * sends, so once a PING is answered, all changes before it was sent have been heard.
 *
 * `changed` says whose change was heard of; `missed` that some may not have been.
 */
export class UserChanges extends EventEmitter<{ readonly changed: [name: string]; readonly missed: [] }> {
  /** Where changes are told. */
  readonly channel: string;
  readonly #connection: Redis;
  /** Times that the connection was lost or made: what was asked on an earlier one says nothing of this one. */
  #epoch = 0;
  #isListening = false;
  #isAsking = false;
  #askedAt = -Infinity;
  /** All changes before this time have been heard. */
  #heardUntil = -Infinity;

  constructor(redis: Redis) {
    super();
    this.channel = `${redis.options.keyPrefix ?? ''}user-changes`;
    this.#connection = redis.duplicate({ autoResubscribe: false });
    this.#connection.on('error', () => undefined);
    this.#connection.on('ready', () => void this.#listen());
    this.#connection.on('close', () => this.#lose());
    this.#connection.on('message', (_, name: string) => this.emit('changed', name));
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Whether every change up to `TRUSTED_MS` ago has been heard. Asking keeps it so, from the next answer of Redis on. */
  isUpToDate(): boolean {
    if (!this.#isListening) return false;
    const now = performance.now();
    if (!this.#isAsking && now - this.#askedAt >= ASK_MS) void this.#ask(now);
    return now - this.#heardUntil < TRUSTED_MS;
  }

  close(): void {
    this.#connection.disconnect();
  }

  async #listen(): Promise<void> {
    const epoch = ++this.#epoch;
    try {
      await this.#connection.subscribe(this.channel);
      this.#isListening = epoch === this.#epoch;
    } catch {
      this.#connection.disconnect(true);
    }
  }

  #lose(): void {
    this.#epoch++;
    this.#isListening = false;
    this.#heardUntil = -Infinity;
    this.emit('missed');
  }

  async #ask(now: number): Promise<void> {
    const epoch = this.#epoch;
    this.#isAsking = true;
    this.#askedAt = now;
    try {
      await this.#connection.ping();
      if (epoch === this.#epoch) this.#heardUntil = now;
    } catch {
      // Not answered in time: nothing is known to have been heard.
    } finally {
      this.#isAsking = false;
    }
  }
}
