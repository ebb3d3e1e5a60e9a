import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { load } from 'js-yaml';
import { TestService, twoTastes } from '../support/api.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { REDIS_SERVER, TestRedis } from '../support/redis.js';
import { runBackupCommand, shellCommandsOf } from '../support/shell-commands.js';
import { findPostgresTools } from '../support/stores/postgres-tools.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/runbook.md';
const TEXT = readFileSync(join(ROOT, PAGE), 'utf8');
const COMMANDS = shellCommandsOf(PAGE);
const CALLS = COMMANDS.filter((command) => command.startsWith('curl'));
/** What brings a lost PostgreSQL back, in the order of the page. */
const RESTORES = COMMANDS.filter((command) => !command.startsWith('curl'));
/** What makes that which is restored. */
const BACKUPS = shellCommandsOf('docs/operations.md').filter((one) => /pg_dump|backup --out/.test(one));
const LIST = '/v1/catalogs/default/users/user-1/recommendations?k=10';

const tools = findPostgresTools();
const skipped = 'folder' in tools ? '' : ` (skipped: ${tools.reason})`;

interface Alerts {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}

const withDatabase = async (work: (database: TestDatabase) => Promise<void> | void) => {
  const database = await createTestDatabase();
  try {
    await work(database);
  } finally {
    await database.drop();
  }
};

describe('docs/runbook.md', () => {
  let service: TestService;
  let values: Record<string, string>;
  let folder: string;
  let list: unknown;

  const type = (command: string, env: Readonly<Record<string, string>>) => {
    const programs = [...('folder' in tools ? [tools.folder] : []), dirname(REDIS_SERVER)];
    const PATH = [...programs, process.env['PATH']].join(delimiter);
    const { status, stdout, stderr } = runBackupCommand(command, { folder, env: { PATH, ...env } });
    expect([command, status, status === 0 || stderr]).toEqual([command, 0, true]);
    return stdout;
  };
  const listOf = async (url: string) => {
    const answer = await fetch(url + LIST, { headers: service.keyHeader });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { readonly items: unknown }).items;
  };

  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    const { modelId } = await service.train();
    await service.train({ model: 'popularity' });
    const { body: key } = await service.send('POST', '/v1/keys', { name: 'leaked', scopes: ['read'] });
    folder = mkdtempSync(join(tmpdir(), 'runbook-'));
    list = await listOf(service.url);
    for (const command of BACKUPS)
      if ('folder' in tools || !command.startsWith('pg_dump'))
        type(command, { DATABASE_URL: service.database.url });
    process.kill(service.worker.pid, 'SIGSTOP');
    const { body: run } = await service.send('POST', 'training-runs', { model: 'item-knn' });
    const token = service.keyHeader['authorization']!.replace('Bearer ', '');
    values = { MODEL: modelId, RUN: run.id, LEAKED: key.id, SPARSEREC_KEY: token };
  });
  afterAll(async () => {
    process.kill(service.worker.pid, 'SIGCONT');
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  (skipped === '' ? it : it.skip)(
    `restores a dump, whose lists a process then answers by the same key${skipped}`,
    () =>
      withDatabase(async ({ url: DATABASE_URL }) => {
        const [restore, migrate] = RESTORES as [string, string];
        expect([BACKUPS.length, restore]).toEqual([2, expect.stringMatching(/^pg_restore /)]);
        type(restore, { DATABASE_URL });
        expect(type(migrate, { DATABASE_URL })).toContain('up to date');
        const restored = await service.startAnotherApi({ DATABASE_URL, REQUIRE_KEYS: '1' });
        try {
          expect(await listOf(restored.url)).toEqual(list);
        } finally {
          await restored.process.kill();
        }
      }),
  );

  it('restores an archive into a database that was just migrated', () =>
    withDatabase(({ url: DATABASE_URL }) => {
      const [migrate, restore] = RESTORES.slice(2) as [string, string];
      type(migrate, { DATABASE_URL });
      expect(JSON.parse(type(restore, { DATABASE_URL }))).toMatchObject({ catalogs: ['default'] });
    }));

  (REDIS_SERVER === '' ? it.skip : it)('empties Redis', async () => {
    const redis = await TestRedis.start();
    const client = new Redis(redis.url);
    try {
      await client.set('key', 'value');
      type(RESTORES[4]!, { REDIS_ADMIN_URL: redis.url });
      expect(await client.dbsize()).toBe(0);
    } finally {
      client.disconnect();
      await redis.stop();
    }
  });

  it('has commands that do what they say', async () => {
    expect([CALLS.length, RESTORES.length]).toEqual([9, 5]);
    for (const command of CALLS) {
      const here = command.replace('http://127.0.0.1:3000', service.url);
      const env = { ...process.env, ...values };
      await promisify(execFile)('bash', ['-c', here], { env }).catch((error: unknown) => {
        throw new Error(command, { cause: error });
      });
    }
    const { body: models } = await service.get('/v1/catalogs/default/models');
    const active = (models.items as { readonly id: string; readonly status: string }[]).filter(
      ({ status }) => status === 'active',
    );
    expect(active.map(({ id }) => id)).toEqual([values['MODEL']]);
    const { body: run } = await service.get(`/v1/catalogs/default/training-runs/${values['RUN']}`);
    expect(run.status).toBe('cancelled');
    const { body: key } = await service.get(`/v1/keys/${values['LEAKED']}`);
    expect(key.revokedAt).not.toBeNull();
  });

  it('names alerts that there are', () => {
    const { groups } = load(readFileSync(join(ROOT, 'docker/prometheus/alerts.yaml'), 'utf8')) as Alerts;
    const known = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    const named = [...TEXT.matchAll(/`(Sparserec\w+)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    expect(known).toEqual(expect.arrayContaining(named));
  });

  it('names events that processes log', async () => {
    const named = [...TEXT.matchAll(/`((?:queue|model|training|interactions)\.[a-z-]+)`/g)].map(
      ([, name]) => name!,
    );
    expect(named.length).toBeGreaterThan(4);
    for (const name of new Set(named))
      await promisify(execFile)('git', ['grep', '-q', `event: '${name}'`, '--', 'apps', 'libs'], {
        cwd: ROOT,
      });
  });
});
