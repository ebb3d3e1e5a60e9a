import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DEFAULT_SCHEMA, parseDatabaseUrl } from '#config';

/**
 * The lock that `prisma migrate` takes, whatever the schema. Another schema than the usual one has its own.
 */
const LOCK = 72_707_369;
const LOCK_POLL_MS = 100;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/** What waits for a lock makes all that come after it wait too: calls wait no longer than this. */
const LOCK_TIMEOUT_MS = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** In which calls that have waited are answered. */
const PAUSE_MS = 2_000;
const MAX_LOCK_ATTEMPTS = 200;

/** Without a transaction, such a statement locks nobody out; it is alone in its file. */
const CONCURRENTLY =
  /^(CREATE|DROP)\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"?(\w+)/im;
/** Of a file that does the same as this one. */
const ALSO_APPLIED = /^-- Also applied as ([0-9a-f]{64})/gm;

export interface MigrateOptions {
  /** Told once of each migration that waits for a lock. */
  readonly onLocked?: (migration: string) => void;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Applies the migrations that are missing, in order, each in one transaction, and keeps the same books as
 * `prisma migrate deploy`, so that either may be used at any time. Needs no engine, and makes the schema
 * that the address names. A migration that waits for a lock gives way to calls again and again.
 *
 * @returns names of the migrations that were applied
 * @throws Error when an applied migration's file was changed since
 */
export async function migrate(
  databaseUrl: string,
  migrationsDir: string,
  { onLocked }: MigrateOptions = {},
): Promise<string[]> {
  const { connectionString, schema } = parseDatabaseUrl(databaseUrl);
  const client = await connect(connectionString);
  try {
    await locked(client, schema, () => prepare(client, schema));
    const applied: string[] = [];
    for (const name of migrationNames(migrationsDir)) {
      const sql = readFileSync(join(migrationsDir, name, 'migration.sql'), 'utf8');
      const apply = () => locked(client, schema, () => applyOnce(client, connectionString, { name, sql }));
      if (await givingWay(apply, () => onLocked?.(name))) applied.push(name);
    }
    return applied;
  } finally {
    await client.end();
  }
}

/**
 * A connection that is cut fails the next statement, whose error is told. What holds the lock waits as
 * long as another connection builds an index; a server may be set to cut those that wait.
 */
async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('SET idle_in_transaction_session_timeout = 0');
  return client;
}

/** Begins again when it has waited too long for a lock, until what holds it has ended. */
async function givingWay<Result>(work: () => Promise<Result>, onLocked: () => void): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      const isLocked = cause instanceof pg.DatabaseError && cause.code === LOCK_NOT_AVAILABLE;
      if (!isLocked || attempt === MAX_LOCK_ATTEMPTS) throw error;
    }
    if (attempt === 1) onLocked();
    await delay(PAUSE_MS);
  }
}

function migrationNames(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, 'migration.sql')))
    .sort();
}

/**
 * Works in a transaction while nobody else migrates the schema. Who waited for the lock within a statement
 * would be waited for by an index that is being built.
 */
async function locked<Result>(
  client: pg.Client,
  schema: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    while (!(await takesLock(client, schema))) {
      await client.query('ROLLBACK');
      await delay(LOCK_POLL_MS);
      await client.query('BEGIN');
    }
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // Where the connection was cut nothing is left to be undone.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function takesLock(client: pg.Client, schema: string): Promise<boolean> {
  const [key, values] = schema === DEFAULT_SCHEMA ? ['$1', [LOCK]] : ['$1, hashtext($2)', [LOCK, schema]];
  const sql = `SELECT pg_try_advisory_xact_lock(${key}) AS "isTaken"`;
  const { rows } = await client.query<{ isTaken: boolean }>(sql, values);
  return rows[0]!.isTaken;
}

async function prepare(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  await client.query(CREATE_TABLE);
}

async function applyOnce(
  client: pg.Client,
  connectionString: string,
  migration: Migration,
): Promise<boolean> {
  const { name, sql } = migration;
  const checksum = createHash('sha256').update(sql).digest('hex');
  if (await isApplied(client, migration, checksum)) return false;
  try {
    if (CONCURRENTLY.test(sql)) await applyBesides(connectionString, sql);
    else {
      await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await client.query(sql);
    }
  } catch (error) {
    throw new Error(`Migration ${name} failed; nothing of it was applied.`, { cause: error });
  }
  await client.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
    [randomUUID(), checksum, name],
  );
  return true;
}

/**
 * Without parameters, since a statement with some holds its snapshot until the next one: an index that is
 * being built would wait for it.
 */
async function isApplied(client: pg.Client, { name, sql }: Migration, checksum: string): Promise<boolean> {
  const { rows } = await client.query<{ checksum: string }>(
    `SELECT checksum FROM _prisma_migrations WHERE migration_name = ${pg.escapeLiteral(name)} AND rolled_back_at IS NULL AND finished_at IS NOT NULL`,
  );
  const known = new Set([checksum, ...[...sql.matchAll(ALSO_APPLIED)].map(([, other]) => other)]);
  if (rows.some((before) => !known.has(before.checksum))) {
    throw new Error(
      `Migration ${name} was changed after it had been applied; restore its file and add a new one.`,
    );
  }
  return rows.length > 0;
}

/**
 * By a connection of its own, since the lock of migrations lasts as long as a transaction. An index that
 * was not finished is there, and used by nobody: it is dropped first.
 */
async function applyBesides(connectionString: string, sql: string): Promise<void> {
  const [, verb, index] = CONCURRENTLY.exec(sql)!;
  const client = await connect(connectionString);
  try {
    const { rows } = await client.query(
      'SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid',
      [pg.escapeIdentifier(index!)],
    );
    if (verb!.toUpperCase() === 'CREATE' && rows.length > 0)
      await client.query(`DROP INDEX CONCURRENTLY ${pg.escapeIdentifier(index!)}`);
    await client.query(sql);
  } finally {
    await client.end();
  }
}
