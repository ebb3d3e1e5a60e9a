import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { parseDatabaseUrl } from '#config';
import { DomainError } from '#domain';
import { PrismaClient } from '../generated/client.js';
import { retryConflicts } from './conflicts.js';
import { asDomainError } from './database-errors.js';
import { writeOnce, type IdempotentWrite } from './idempotent-write.js';
import { createPool } from './traced-pool.js';

const CONNECTION_TIMEOUT_MS = 3_000;

/** A Prisma transaction. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/**
 * One pool of connections, shared by Prisma and by COPY. Lost connections are replaced when
 * they are next needed.
 */
export class Database {
  readonly prisma: PrismaClient;

  private constructor(
    readonly url: string,
    readonly pool: pg.Pool,
    schema: string,
  ) {
    this.prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema }) });
  }

  static connect(url: string, options: { readonly maxConnections?: number } = {}): Database {
    const { connectionString, schema } = parseDatabaseUrl(url);
    const pool = createPool({
      connectionString,
      max: options.maxConnections ?? 10,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    });
    // An idle connection that breaks is dropped by the pool; without a listener its error
    // would end the process.
    pool.on('error', () => undefined);
    return new Database(url, pool, schema);
  }

  async isReachable(): Promise<boolean> {
    try {
      await this.pool.query('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Runs Prisma queries, again when they were undone because writers met.
   *
   * @throws DomainError `database-unavailable` when the connection fails, `write-conflict` when writers
   * meet again and again
   */
  async run<Result>(work: (prisma: PrismaClient) => Promise<Result>): Promise<Result> {
    try {
      return await retryConflicts(() => work(this.prisma));
    } catch (error) {
      throw asDomainError(error);
    }
  }

  /** Runs Prisma queries in one transaction. @param idempotent keeps the answer of the call in it */
  async transaction<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    idempotent?: IdempotentWrite<Result>,
  ): Promise<Result> {
    const once = (transaction: Transaction) => {
      const query = (sql: string, ...values: unknown[]) =>
        transaction.$queryRawUnsafe<unknown[]>(sql, ...values);
      return writeOnce(query, idempotent, () => work(transaction));
    };
    return this.run((prisma) => prisma.$transaction(once, { timeout: 60_000, maxWait: 10_000 }));
  }

  /**
   * Runs a transaction in plain SQL, again when it was undone because writers met: `work` must not
   * use up its input.
   */
  async sqlTransaction<Result>(
    work: (client: pg.PoolClient) => Promise<Result>,
    mode = '',
    idempotent?: IdempotentWrite<Result>,
  ): Promise<Result> {
    return retryConflicts(() => this.sqlTransactionOnce(work, mode, idempotent));
  }

  /**
   * Lends one connection for a transaction in plain SQL; commits when `work` resolves, rolls
   * back when it rejects.
   */
  async sqlTransactionOnce<Result>(
    work: (client: pg.PoolClient) => Promise<Result>,
    mode = '',
    idempotent?: IdempotentWrite<Result>,
  ): Promise<Result> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw asDomainError(error);
    });
    const broken = { error: null as Error | null };
    const noteBreak = (error: Error) => (broken.error = error);
    client.on('error', noteBreak);
    try {
      await client.query(`BEGIN ${mode}`);
      const query = async (sql: string, ...values: unknown[]) =>
        (await client.query<pg.QueryResultRow>(sql, values)).rows;
      const result = await writeOnce(query, idempotent, () => work(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(noteBreak);
      // A connection that breaks fails in many ways; that it broke is the reason.
      throw error instanceof DomainError ? error : asDomainError(broken.error ?? error);
    } finally {
      client.off('error', noteBreak);
      client.release(broken.error ?? undefined);
    }
  }

  /**
   * Runs one statement beside a transaction, on a connection that is not of the pool: all of these may be
   * lent to transactions that wait for it.
   */
  async queryApart<Row extends pg.QueryResultRow>(
    sql: string,
    values: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    const { connectionString } = parseDatabaseUrl(this.url);
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECTION_TIMEOUT_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.query<Row>(sql, values);
    } catch (error) {
      throw asDomainError(error);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /**
   * Runs statements of one connection, whose server ends them when the signal aborts. @throws the reason
   * of the signal then
   */
  async abortable<Result>(
    client: pg.PoolClient,
    signal: AbortSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    if (!signal) return work();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    signal.throwIfAborted();
    const cancel = () =>
      void this.pool.query('SELECT pg_cancel_backend($1)', [rows[0]!.pid]).catch(() => undefined);
    signal.addEventListener('abort', cancel);
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    await this.pool.end();
  }
}
