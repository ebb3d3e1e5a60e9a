import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '#data';

export interface TestDatabase {
  readonly url: string;
  /** Runs SQL as the superuser, in the test's own database. */
  query(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** Lets the service connect, or throws it out and refuses it. */
  allowConnections(allowed: boolean): Promise<void>;
  drop(): Promise<void>;
}

/** A migrated database of its own on the server that `npm test` has started. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  if (server === undefined)
    throw new Error('There is no PostgreSQL for this test: run it by npm test -- PATTERN');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const drop = () => onServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await migrate(url, join(import.meta.dirname, '../../prisma/migrations'));
    await client.connect();
  } catch (error) {
    await drop();
    throw error;
  }
  return {
    url,
    query: (sql, values) => client.query(sql, values),
    allowConnections: async (allowed) => {
      await onServer(server, `ALTER DATABASE ${name} ALLOW_CONNECTIONS ${allowed}`);
      if (!allowed)
        await client.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
        );
    },
    drop: async () => {
      await client.end().catch(() => undefined);
      await drop();
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
