import type { EventEmitter } from 'node:events';
import {
  Injectable,
  Logger,
  type LoggerService,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { setDefaultBackendFactory, type QueueOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { DEFAULT_SCHEMA, directDatabaseUrl, parseDatabaseUrl, withoutSchema } from '#config';
import { DomainError, isTransient } from '#domain';
import { createPatientPostgresBackend } from './patient-postgres.js';
import type { QueueEnvironment } from './queue-environment.js';
import { redisConnection } from './redis-connection.js';
import { withTimeLimit } from './time-limit.js';

/** An answer that takes longer counts as none. */
export const QUEUE_TIME_LIMIT_MS = 2_000;
const RETRY_AFTER_SECONDS = 5;
/**
 * BullMQ's own tables, apart from ours. Where ours are in another schema than the usual one, so are these.
 */
const POSTGRES_SCHEMA = 'bullmq';
const POSTGRES_CONNECTIONS = 3;
/** Length of the event stream that BullMQ keeps a queue; nothing here reads far back. */
const EVENT_STREAM_LENGTH = 1_000;

/**
 * The one connection behind all queues of a process, and the choice of BullMQ's backend.
 *
 * The Redis client is ours and shared with BullMQ, so that its state is known: a call made while Redis is
 * away fails in time instead of joining a command queue without bound.
 */
@Injectable()
export class QueueConnection implements OnModuleDestroy, OnApplicationShutdown {
  readonly #logger = new Logger(QueueConnection.name);
  readonly #redis: Redis | null;
  #isEnding = false;
  readonly queueOptions: QueueOptions;

  constructor(environment: QueueEnvironment) {
    this.#redis = environment.REDIS_URL === '' ? null : redisConnection(environment);
    this.queueOptions = {
      connection: this.#redis ?? postgresConnection(environment),
      prefix: environment.QUEUE_PREFIX,
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
    };
    setDefaultBackendFactory(this.#redis === null ? createPatientPostgresBackend : undefined);
    if (this.#redis !== null) this.#logStateChanges(this.#redis);
  }

  /** Null where the queues are in PostgreSQL. */
  get redis(): Pick<Redis, 'status'> | null {
    return this.#redis;
  }

  /** @throws DomainError `queue-unavailable` when the queue's server does not answer in time */
  async attempt<T>(operation: () => Promise<T>): Promise<T> {
    try {
      await this.#waitUntilConnected();
      return await withTimeLimit(operation(), QUEUE_TIME_LIMIT_MS);
    } catch (cause) {
      throw new DomainError('queue-unavailable', 'The job queue cannot be reached.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        cause,
      });
    }
  }

  /** From here on nobody waits for a Redis that is away. */
  onModuleDestroy(): void {
    this.#isEnding = true;
  }

  onApplicationShutdown(): void {
    this.#redis?.disconnect();
  }

  /** Half of the limit is left for the operation itself. */
  async #waitUntilConnected(): Promise<void> {
    const redis = this.#redis;
    if (redis === null || redis.status === 'ready') return;
    if (this.#isEnding) throw new Error('Redis is away and this process ends.');
    let connected = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      connected = resolve;
      redis.once('ready', connected);
    });
    await withTimeLimit(ready, QUEUE_TIME_LIMIT_MS / 2).finally(() => redis.off('ready', connected));
  }

  /** One line a change, not one an attempt. */
  #logStateChanges(redis: Redis): void {
    let reported: 'ready' | 'away' | null = null;
    redis.on('ready', () => {
      if (reported === 'away') this.#logger.log({ event: 'queue.reconnected' });
      reported = 'ready';
    });
    redis.on('error', (error: Error) => {
      if (reported === 'away') return;
      this.#logger.warn({ event: 'queue.disconnected', reason: error.message });
      reported = 'away';
    });
  }
}

/** BullMQ types its connection for Redis; its PostgreSQL backend takes pool options under the same name. */
function postgresConnection(environment: QueueEnvironment): QueueOptions['connection'] {
  const { schema } = parseDatabaseUrl(environment.DATABASE_URL);
  const options = {
    connectionString: withoutSchema(directDatabaseUrl(environment)),
    schema: schema === DEFAULT_SCHEMA ? POSTGRES_SCHEMA : `${schema}_${POSTGRES_SCHEMA}`,
    migrate: true,
    max: POSTGRES_CONNECTIONS,
    connectionTimeoutMillis: QUEUE_TIME_LIMIT_MS,
  };
  return options;
}

/**
 * Gives a queue or worker the `error` listener it needs; lost connections are reported by QueueConnection.
 */
export function reportQueueErrors(emitter: EventEmitter, logger: Pick<LoggerService, 'warn'>): void {
  emitter.on('error', (error: Error) => {
    if (isTransient(error) || error.message.includes('Connection is closed')) return;
    logger.warn({ event: 'queue.error', reason: error.message });
  });
}
