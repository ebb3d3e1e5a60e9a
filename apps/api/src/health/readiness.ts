import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Database } from '#data';
import { withTimeLimit } from '#queue';
import { CACHE_REDIS } from '../serving/redis-client.js';

/** Whoever asks within this time of an answer gets the same one. */
const LIFE_MS = 500;
/** A store that does not answer within it is away. With `LIFE_MS` not more than 2 s. */
const LIMIT_MS = 1_500;

export interface StoreStates {
  readonly isDatabaseReachable: boolean;
  readonly redis: 'ok' | 'unavailable' | 'none';
}

/**
 * Whether the stores answer. They are asked once for all who want to know at a time: anybody may ask, and
 * nobody counts it, so an answer for each would let strangers take all connections of the pool.
 */
@Injectable()
export class Readiness {
  #states: Promise<StoreStates> | null = null;
  #isAsking = false;
  #askedAt = 0;

  constructor(
    private readonly database: Database,
    @Inject(CACHE_REDIS) private readonly redis: Redis | null,
  ) {}

  /** @param now by `performance.now` */
  read(now = performance.now()): Promise<StoreStates> {
    if (this.#states !== null && (this.#isAsking || now - this.#askedAt < LIFE_MS)) return this.#states;
    this.#askedAt = now;
    this.#isAsking = true;
    return (this.#states = this.#ask().finally(() => (this.#isAsking = false)));
  }

  async #ask(): Promise<StoreStates> {
    const [isDatabaseReachable, redis] = await Promise.all([
      withTimeLimit(this.database.isReachable(), LIMIT_MS).catch(() => false),
      this.#redisState(),
    ]);
    return { isDatabaseReachable, redis };
  }

  async #redisState(): Promise<StoreStates['redis']> {
    if (!this.redis) return 'none';
    return withTimeLimit(this.redis.ping(), LIMIT_MS).then(
      () => 'ok',
      () => 'unavailable',
    );
  }
}
