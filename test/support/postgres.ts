import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations');
/** Of the making of the template. */
const LOCK = 'SELECT pg_advisory_lock(72707370)';
const MOST_DROPS = 10;

export interface TestDatabase {
  readonly url: string;
  /** Runs SQL as the superuser, in the test's own database. */
  query(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** Lets the service connect, or throws it out and refuses it. */
  allowConnections(allowed: boolean): Promise<void>;
  drop(): Promise<void>;
}

/**
 * A database of its own on the server that `npm test` has started.
 *
 * @param options.isMigrated false: nothing is in it
 */
export async function createTestDatabase({ isMigrated = true } = {}): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  if (server === undefined)
    throw new Error('There is no PostgreSQL for this test: run it by npm test -- PATTERN');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = isMigrated ? await findTemplate(server) : 'template1';
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const drop = () => dropDatabase(server, name);
  const url = urlOf(server, name);
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect().catch(async (error: unknown) => {
    await drop();
    throw error;
  });
  return {
    url,
    query: (sql, values) => client.query(sql, values),
    allowConnections: async (allowed) => {
      await onServer(server, (admin) => admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${allowed}`));
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

/**
 * A database of today's migrations that others are copies of: the first test of a server makes it,
 * all others find it.
 */
async function findTemplate(server: string): Promise<string> {
  const name = `template_${checksumOfMigrations()}`;
  await onServer(server, async (client) => {
    await client.query(LOCK);
    const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rows.length > 0) return;
    const unfinished = `unfinished_${name}`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished}`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    // Loaded here only: it takes a suite seconds.
    const { migrate } = await import('#data');
    await migrate(urlOf(server, unfinished), MIGRATIONS);
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
  });
  return name;
}

/** PostgreSQL waits five seconds for those whom it throws out. On a loaded machine they may need longer. */
async function dropDatabase(server: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      await onServer(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
      return;
    } catch (error) {
      if (!isInUse(error) || attempt === MOST_DROPS) throw error;
    }
}

function isInUse(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55006';
}

function checksumOfMigrations(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(MIGRATIONS, file);
    if (statSync(path).isFile()) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 12);
}

function urlOf(server: string, database: string): string {
  return Object.assign(new URL(server), { pathname: `/${database}` }).href;
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await work(client).finally(() => client.end());
}
