import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { migrate } from '#data';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

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
