import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Database, ImportsRepository, InteractionsRepository } from '#data';
import type { DatedInteraction } from '#domain';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const ROWS = 100_000;

/** A disk of a few megabytes, on which PostgreSQL may write; null where none can be mounted. */
function mountSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0777', 'tmpfs', folder]).status === 0)
    return folder;
  rmSync(folder, { recursive: true });
  return null;
}

const row = (n: number): DatedInteraction => ({
  ...{ userId: `user-${n % 1_000}`, itemId: `item-${Math.floor(n / 1_000)}`, type: 'view', weight: 1 },
  occurredAt: new Date('2026-01-01T00:00:00.000Z'),
});

async function* manyRows(): AsyncGenerator<readonly DatedInteraction[]> {
  for (let start = 0; start < ROWS; start += 10_000)
    yield Array.from({ length: 10_000 }, (_, n) => row(start + n));
  await Promise.resolve();
}

const disk = mountSmallDisk();
/** Only root may mount one. */
const itWithDisk = disk === null ? it.skip : it;

describe('a database without disk space', () => {
  let server: TestDatabase;
  let database: Database;
  const tablespace = `small_${basename(disk ?? '')
    .replace(/\W/g, '_')
    .toLowerCase()}`;

  beforeAll(async () => {
    server = await createTestDatabase();
    database = Database.connect(server.url);
    if (disk === null) return;
    execFileSync('chown', ['postgres', disk]);
    await server.query(`CREATE TABLESPACE ${tablespace} LOCATION '${disk}'`);
    await server.query(`ALTER TABLE interactions SET TABLESPACE ${tablespace}`);
  });
  afterAll(async () => {
    await database.close();
    if (disk !== null) await server.query(`ALTER TABLE interactions SET TABLESPACE pg_default`);
    if (disk !== null) await server.query(`DROP TABLESPACE ${tablespace}`);
    await server.drop();
    if (disk === null) return;
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  itWithDisk(
    'refuses an import in words, has nothing of it, and stores again when there is space (needs root, to mount a disk)',
    async () => {
      const imported = new ImportsRepository(database).importAll(
        'shop',
        { interactions: manyRows(), interactionTypes: [{ name: 'low-rating', positive: false }] },
        { createsCatalog: true },
      );
      await expect(imported).rejects.toMatchObject({
        code: 'database-unavailable',
        message: 'PostgreSQL has no disk space left; nothing was stored',
      });
      for (const table of ['interactions', 'users', 'items', 'interaction_types'])
        expect((await server.query(`SELECT count(*)::int AS count FROM ${table}`)).rows).toEqual([
          { count: 0 },
        ]);
      expect((await server.query('SELECT id FROM catalogs')).rows).toEqual([{ id: 'default' }]);
      const interactions = new InteractionsRepository(database);
      expect(await interactions.isEmpty('default')).toBe(true);
      execFileSync('mount', ['-o', 'remount,size=64m', disk!]);
      expect(await interactions.record('default', [row(1)])).toMatchObject({ stored: 1 });
    },
  );
});
