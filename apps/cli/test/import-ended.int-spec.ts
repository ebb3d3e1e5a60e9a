import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { waitFor } from '../../../test/support/processes.js';
import { ROOT, sparserec } from './sparserec.js';

const ROWS = 60_000;
const HELD = 43;
/** Holds an import when its rows are in. */
const HOLD_IMPORTS = `CREATE FUNCTION hold_import() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock(${HELD}); RETURN NULL; END $$;
  CREATE TRIGGER hold_import AFTER INSERT ON interactions FOR EACH STATEMENT EXECUTE FUNCTION hold_import()`;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

describe('sparserec import that is ended', () => {
  let database: TestDatabase;
  let folder: string;
  let temporary: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'sparserec-ended-'));
    temporary = mkdtempSync(join(tmpdir(), 'sparserec-temporary-'));
    const rows = Array.from({ length: ROWS }, (_, n) => `u${n % 500},i${n % 499},t${n % 3},${n}\n`);
    writeFileSync(join(folder, 'rows.csv'), `user,item,type,weight\n${rows.join('')}`);
    writeFileSync(join(folder, 'items.csv'), 'itemId,title\ni1,One\n');
  });
  afterEach(async () => {
    for (const path of [folder, temporary]) rmSync(path, { recursive: true });
    await database.drop();
  });

  const argsOf = (data: string) => [
    ...['import', '--data', data, '--items', join(folder, 'items.csv'), '--catalog', 'new'],
    ...['--skip-invalid', '--database', database.url],
  ];
  const start = (data: string): ChildProcess =>
    spawn(process.execPath, [...process.execArgv, join(ROOT, 'dist/programs/cli.js'), ...argsOf(data)], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  const end = async (command: ChildProcess, signal: NodeJS.Signals) => {
    const ended = once(command, 'exit');
    command.kill(signal);
    expect(await ended).toEqual([null, signal]);
  };
  const isNobodyConnected = async () => {
    const { rows } = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
         AND backend_type = 'client backend' AND query LIKE '%INSERT INTO interactions%'`,
    );
    return rows.length === 0;
  };
  const expectNothing = async () => {
    expect(readdirSync(temporary)).toEqual([]);
    const { rows } = await database.query(`SELECT (SELECT count(*) FROM catalogs WHERE id = 'new')
      + (SELECT count(*) FROM users) + (SELECT count(*) FROM items) + (SELECT count(*) FROM interactions)
      + (SELECT count(*) FROM interaction_types) AS count`);
    expect(rows).toEqual([{ count: '0' }]);
  };
  const expectNextWorks = () => {
    const { status, stdout } = sparserec(...argsOf(join(folder, 'rows.csv')));
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { catalog: 'new', items: 1, stored: ROWS - 1 }]);
  };

  it.each(SIGNALS)('by %s while it stores a pipe leaves nothing, and the next one works', async (signal) => {
    const command = start('-');
    let told = '';
    command.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()));
    command.stdin!.write('user,item\nada,dune\n');
    await waitFor('the pipe to be stored', () => told.includes('MB read'));
    await end(command, signal);
    await expectNothing();
    expectNextWorks();
  });

  it.each(SIGNALS)(
    'by %s while the server stores rows leaves nothing, and the next one works',
    async (signal) => {
      await database.query(HOLD_IMPORTS);
      const holder = new pg.Client({ connectionString: database.url });
      await holder.connect();
      await holder.query(`SELECT pg_advisory_lock(${HELD})`);
      const command = start(join(folder, 'rows.csv'));
      await waitFor('the import to be held', async () => {
        const { rows } = await database.query(
          `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${HELD} AND NOT granted`,
        );
        return rows.length > 0;
      });
      await end(command, signal);
      await waitFor('the server to give the import up', isNobodyConnected);
      await holder.end();
      await expectNothing();
      expectNextWorks();
    },
  );
});
