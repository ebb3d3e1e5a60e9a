import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { redisConnection, type RedisEnvironment } from '#queue';

/** How Redis calls the channel in which it names keys that were written. */
const CHANNEL = '__redis__:invalidate';

/** How often it is asked whether everything has arrived, while users are asked for. */
const PING_MS = 25;
/** What is cached may be as old as this: whatever was acknowledged earlier, anywhere, has arrived here. */
export const MAX_AGE_MS = 100;
/** Without a call for as long there are no pings; the next call then reads Redis. */
const IDLE_MS = 1_000;
/** A connection that leaves a ping unanswered for as long is given up for another. */
const MAX_SILENCE_MS = 1_000;

export interface InvalidationListener {
  /** @param key without the prefix */
  onWritten(key: string): void;
}

/** What holding needs to know: whether every write is told of, and how old the last word is. */
export interface Invalidations {
  /** Another number after each gap in which writes may have gone untold, or after a flush; 0 during one. */
  readonly session: number;
  /**
   * True while every write that was acknowledged `MAX_AGE_MS` ago or earlier, by any client, has been
   * told to the listener.
   */
  isFresh(): boolean;
  /**
   * Asks whether it is so: all who ask at once are told by one answer. @returns false when none that is new
   * enough came in time
   */
  becomesFresh(): Promise<boolean>;
  listen(listener: InvalidationListener): void;
  close(): void;
}

/**
 * Lets Redis name every key of a prefix that is written, expired, evicted or flushed
 * (`CLIENT TRACKING … BCAST`), on one connection of its own, which redirects to itself. It keeps the order:
 * when a ping is answered, all that was acknowledged before the ping was sent has arrived. Where Redis
 * refuses, there is no session, ever.
 */
export class RedisInvalidations implements Invalidations {
  readonly #logger = new Logger(RedisInvalidations.name);
  readonly #redis: Redis;
  #listener: InvalidationListener | undefined;
  #sessions = 0;
  #session = 0;
  /** When the last ping that was answered had been sent. */
  #pingedAt = -Infinity;
  #sentAt: number | null = null;
  #askedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #waiting: ((isFresh: boolean) => void)[] = [];
  #waitingSince = -Infinity;

  /** @param keys that begin with `keyPrefix`, which the listener does not know, and then `start` */
  constructor(
    environment: RedisEnvironment,
    private readonly keys: { readonly keyPrefix: string; readonly start: string },
  ) {
    // RESP2, since the client passes on what it is told of keys as a message of a channel only; what is told
    // must be told anew after a reconnection, before anything else is sent.
    this.#redis = redisConnection(environment, {
      protocol: 2,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
    });
    this.#redis.on('ready', () => void this.#begin());
    this.#redis.on('close', () => this.#end());
    this.#redis.on('messageBuffer', (_channel: Buffer, keys: unknown) => this.#take(keys));
  }

  get session(): number {
    return this.#session;
  }

  isFresh(): boolean {
    const now = performance.now();
    this.#askedAt = now;
    if (this.#session === 0) return false;
    if (!this.#timer) this.#start();
    return now - this.#pingedAt < MAX_AGE_MS;
  }

  becomesFresh(): Promise<boolean> {
    if (this.isFresh() || this.#session === 0) return Promise.resolve(this.#session !== 0);
    if (this.#waiting.length === 0) this.#waitingSince = performance.now();
    if (this.#sentAt === null) this.#ping();
    return new Promise((tell) => this.#waiting.push(tell));
  }

  listen(listener: InvalidationListener): void {
    this.#listener = listener;
  }

  close(): void {
    this.#end();
    this.#redis.disconnect();
  }

  async #begin(): Promise<void> {
    this.#end();
    const sessions = this.#sessions;
    try {
      const id = String(await this.#redis.client('ID'));
      const prefix = this.keys.keyPrefix + this.keys.start;
      await this.#redis.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix);
      await this.#redis.subscribe(CHANNEL);
      if (sessions === this.#sessions) this.#session = ++this.#sessions;
    } catch (error) {
      if (!isRefusal(error)) return;
      this.#logger.warn({ event: 'users.not-cached', error: error.message });
      this.close();
    }
  }

  #end(): void {
    this.#sessions++;
    this.#session = 0;
    this.#pingedAt = -Infinity;
    this.#sentAt = null;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tell(false);
  }

  #tell(isFresh: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell(isFresh);
  }

  /** @param keys null: all, since Redis was flushed */
  #take(keys: unknown): void {
    if (!Array.isArray(keys)) {
      if (this.#session !== 0) this.#session = ++this.#sessions;
      return;
    }
    for (const key of keys as readonly Buffer[])
      this.#listener?.onWritten(key.toString().slice(this.keys.keyPrefix.length));
  }

  #start(): void {
    this.#timer = setInterval(() => this.#tick(), PING_MS).unref();
    this.#ping();
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#waitingSince > MAX_AGE_MS) this.#tell(false);
    if (this.#sentAt === null && now - this.#askedAt > IDLE_MS) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else if (this.#sentAt === null) this.#ping();
    else if (now - this.#sentAt > MAX_SILENCE_MS) this.#redis.disconnect(true);
  }

  /** An answer may be too old to say anything when the process has stood still before it came. */
  #tellIfFresh(): void {
    if (performance.now() - this.#pingedAt < MAX_AGE_MS) this.#tell(true);
    else if (this.#waiting.length > 0) this.#ping();
  }

  /** One at a time. */
  #ping(): void {
    const sentAt = performance.now();
    this.#sentAt = sentAt;
    this.#redis.ping().then(
      () => {
        // An answer from before a gap says nothing of the time after it.
        if (this.#sentAt !== sentAt) return;
        this.#pingedAt = sentAt;
        this.#sentAt = null;
        this.#tellIfFresh();
      },
      () => undefined,
    );
  }
}

/** An answer of Redis, as opposed to a connection that was lost. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
