import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { DEFAULT_SCHEMA, parseDatabaseUrl } from '#config';

/**
 * The lock that `prisma migrate` takes, whatever the schema. Another schema than the usual one has its own.
 */
const LOCK = 72_707_369;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/**
 * Applies the migrations that are missing, in order, each in one transaction, and keeps the same books as
 * `prisma migrate deploy`, so that either may be used at any time. Needs no engine, and makes the schema
 * that the address names.
 *
 * @returns names of the migrations that were applied
 * @throws Error when an applied migration's file was changed since
 */
export async function migrate(databaseUrl: string, migrationsDir: string): Promise<string[]> {
  const { connectionString, schema } = parseDatabaseUrl(databaseUrl);
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await locked(client, schema, () => prepare(client, schema));
    const applied: string[] = [];
    for (const name of migrationNames(migrationsDir)) {
      const sql = readFileSync(join(migrationsDir, name, 'migration.sql'), 'utf8');
      if (await locked(client, schema, () => applyOnce(client, name, sql))) applied.push(name);
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

/** Works in a transaction while nobody else migrates the schema. */
async function locked<Result>(
  client: pg.Client,
  schema: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    if (schema === DEFAULT_SCHEMA) await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    else await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, schema]);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function prepare(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  await client.query(CREATE_TABLE);
}

async function applyOnce(client: pg.Client, name: string, sql: string): Promise<boolean> {
  const checksum = createHash('sha256').update(sql).digest('hex');
  const { rows } = await client.query<{ checksum: string }>(
    'SELECT checksum FROM _prisma_migrations WHERE migration_name = $1 AND rolled_back_at IS NULL AND finished_at IS NOT NULL',
    [name],
  );
  if (rows.some((before) => before.checksum !== checksum)) {
    throw new Error(
      `Migration ${name} was changed after it had been applied; restore its file and add a new one.`,
    );
  }
  if (rows.length > 0) return false;
  try {
    await client.query(sql);
  } catch (error) {
    throw new Error(`Migration ${name} failed; nothing of it was applied.`, { cause: error });
  }
  await client.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
    [randomUUID(), checksum, name],
  );
  return true;
}
