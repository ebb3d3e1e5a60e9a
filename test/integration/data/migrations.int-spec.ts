import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '#data';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
const MIGRATIONS = join(ROOT, 'prisma/migrations');

describe('migrations', () => {
  let server: TestDatabase;

  beforeAll(async () => {
    server = await createTestDatabase({ isMigrated: false });
    await migrate(server.url, MIGRATIONS);
  });
  afterAll(() => server.drop());

  it('make exactly what the schema says', () => {
    const output = execFileSync(
      join(ROOT, 'node_modules/.bin/prisma'),
      ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema.prisma', '--script'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        env: {
          ...process.env,
          DATABASE_URL: server.url,
          PRISMA_SCHEMA_ENGINE_BINARY: join(ROOT, 'scripts/schema-engine.mjs'),
        },
      },
    );
    expect(output.trim()).toBe('-- This is an empty migration.');
  });

  it('are applied once each, and none that was changed since', async () => {
    expect(await migrate(server.url, MIGRATIONS)).toEqual([]);
    await server.query("UPDATE _prisma_migrations SET checksum = 'other'");
    await expect(migrate(server.url, MIGRATIONS)).rejects.toThrow('was changed after');
  });
});

describe('a server that cuts transactions which do nothing', () => {
  let server: TestDatabase;

  beforeAll(async () => {
    server = await createTestDatabase({ isMigrated: false });
    await server.query(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = 1', current_database()); END $$`,
    );
  });
  afterAll(() => server.drop());

  it('leaves alone the one that holds the lock of migrations while an index is built', async () => {
    expect(await migrate(server.url, MIGRATIONS)).not.toEqual([]);
  });
});

describe('a migration of a database that is in use', () => {
  const ADD_CATALOG = 'INSERT INTO catalogs (id) VALUES ($1)';
  let server: TestDatabase;
  let other: pg.Client;
  let folder: string;

  beforeAll(async () => {
    server = await createTestDatabase();
    other = new pg.Client({ connectionString: server.url });
    await other.connect();
  });
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'migrations-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  afterAll(async () => {
    await other.end();
    await server.drop();
  });

  const write = (name: string, sql: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'migration.sql'), sql);
  };
  const isWaiting = async (statement: string) => {
    const { rows } = await server.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
      [`${statement}%`],
    );
    return rows.length > 0;
  };
  const isIndexValid = async () =>
    (await server.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'catalogs_by_time'::regclass"))
      .rows[0]?.indisvalid;

  it('gives way to calls while a long query holds the table, and is applied after it', async () => {
    write('1_add', 'ALTER TABLE catalogs ADD COLUMN extra INTEGER');
    await other.query('BEGIN; SELECT FROM catalogs');
    const told: string[] = [];
    const migrating = migrate(server.url, folder, { onLocked: (name) => told.push(name) });
    await waitFor('it to wait', () => isWaiting('ALTER TABLE'));
    await server.query(ADD_CATALOG, ['meanwhile']);
    await waitFor('it to come again', () => told.length === 1 && isWaiting('ALTER TABLE'));
    await server.query(ADD_CATALOG, ['meanwhile again']);
    await other.query('COMMIT');
    expect(await migrating).toEqual(['1_add']);
    expect(told).toEqual(['1_add']);
    await server.query('SELECT extra FROM catalogs');
  });

  it('builds an index beside those who write, also where another attempt has left an unfinished one', async () => {
    write('2_index', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS catalogs_by_time ON catalogs (created_at)');
    await server.query('CREATE INDEX catalogs_by_time ON catalogs (created_at)');
    await server.query(
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'catalogs_by_time'::regclass",
    );
    await other.query('BEGIN');
    await other.query(ADD_CATALOG, ['uncommitted']);
    const both = Promise.all([migrate(server.url, folder), migrate(server.url, folder)]);
    await waitFor('it to wait for who has begun before', () => isWaiting('DROP INDEX'));
    await server.query(ADD_CATALOG, ['beside it']);
    await other.query('COMMIT');
    expect((await both).flat()).toEqual(['2_index']);
    expect(await isIndexValid()).toBe(true);
  });

  it('may have another text than the one that was applied if it says so', async () => {
    write('3_text', 'SELECT 1');
    await migrate(server.url, folder);
    write('3_text', 'SELECT 2');
    await expect(migrate(server.url, folder)).rejects.toThrow('was changed after');
    const { rows } = await server.query(
      "SELECT checksum FROM _prisma_migrations WHERE migration_name = '3_text'",
    );
    write('3_text', `-- Also applied as ${rows[0].checksum}, which did the same.\nSELECT 2`);
    expect(await migrate(server.url, folder)).toEqual([]);
  });
});
