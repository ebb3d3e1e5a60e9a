import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** The lock that `prisma migrate` takes. */
const ADVISORY_LOCK = 72_707_369;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

interface Applied {
  readonly migration_name: string;
  readonly checksum: string;
}

/**
 * Applies the migrations that are missing, in order, each in one transaction, and keeps the same books as
 * `prisma migrate deploy`, so that either may be used at any time. Needs no engine.
 *
 * @returns names of the migrations that were applied
 * @throws Error when an applied migration's file was changed since
 */
export async function migrate(databaseUrl: string, migrationsDir: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(CREATE_TABLE);
    const { rows } = await client.query<Applied>(
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL',
    );
    const applied: string[] = [];
    for (const name of migrationNames(migrationsDir)) {
      const sql = readFileSync(join(migrationsDir, name, 'migration.sql'), 'utf8');
      if (await applyOnce(client, name, sql, rows)) applied.push(name);
    }
    return applied;
  } finally {
    await client.end();
  }
}

function migrationNames(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, 'migration.sql')))
    .sort();
}

async function applyOnce(
  client: pg.Client,
  name: string,
  sql: string,
  done: readonly Applied[],
): Promise<boolean> {
  const checksum = createHash('sha256').update(sql).digest('hex');
  const before = done.find((row) => row.migration_name === name);
  if (before && before.checksum !== checksum) {
    throw new Error(
      `Migration ${name} was changed after it had been applied; restore its file and add a new one.`,
    );
  }
  if (before) return false;
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed; nothing of it was applied.`, { cause: error });
  }
  return true;
}
