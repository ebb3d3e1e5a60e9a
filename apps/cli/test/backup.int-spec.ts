import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { waitFor } from '../../../test/support/processes.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';
import { runBackupCommand, shellCommandsOf } from '../../../test/support/shell-commands.js';
import { sparserec } from './sparserec.js';

/** As operators are told to type them. */
const [BACKUP, BACKUP_SHOP, RESTORE, RESTORE_SHOP] = shellCommandsOf('docs/operations.md') as [
  string,
  string,
  string,
  string,
];
const USERS = ['user-0', 'user-1', 'user-39', 'late', 'nobody'];

describe('a backup', () => {
  let service: TestService;
  let folder: string;
  let whole: string;
  let database: TestDatabase;
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = sparserec(...args);
    return { status, stdout, stderr };
  };
  const type = (command: string, { url }: { readonly url: string }) =>
    runBackupCommand(command, { folder, env: { DATABASE_URL: url } });
  const of = (database: { readonly url: string }) => ['--database', database.url];
  /** Everything that decides about lists, with the lists themselves. */
  const stateOf = async ({ url, keyHeader }: TestService, catalog = 'default') => {
    const get = async (path: string) => {
      const response = await fetch(`${url}/v1/catalogs/${catalog}/${path}`, { headers: keyHeader });
      expect([path, response.status]).toEqual([path, 200]);
      // Every list has a name of its own, and is counted.
      return (await response.text()).replace(/"(recommendationId|recommendations)":("[^"]*"|\d+)/g, '');
    };
    const lists = [];
    for (const user of USERS) {
      lists.push(await get(`users/${user}/recommendations?k=50&explain=true`));
    }
    return {
      lists,
      popular: await get('popular?k=50'),
      types: await get('interaction-types'),
      models: await get('models'),
      runs: await get('training-runs'),
      schedules: (await get('schedules')).replace(/"nextRunAt":"[^"]*"/, ''),
      items: await get('items?limit=100'),
      rows: await get('export/interactions'),
      users: await get('export/users'),
    };
  };
  /** Until a process has heard of all: of the model it hears last, and lists need the key. */
  const hear = ({ url, keyHeader: headers }: TestService, catalog: string) =>
    waitFor('a list by the model', async () => {
      const list = await fetch(`${url}/v1/catalogs/${catalog}/users/user-0/recommendations`, { headers });
      return list.ok && (await list.text()).includes('"source":"model"');
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-backup-'));
    whole = join(folder, 'service.tar');
    database = await createTestDatabase();
    await database.query('DELETE FROM catalogs');
    service = await TestService.start({ redis: REDIS_SERVER !== '', needsKeys: true });
    for (const path of ['/v1/catalogs/default', '/v1/catalogs/shop']) {
      if (path.endsWith('shop')) await service.send('PUT', path, {});
      await service.send('POST', `${path}/items`, {
        items: [{ itemId: 'action-item-0', title: 'One', tags: ['a'], metadata: { year: 1999 } }],
      });
      await service.send('PUT', `${path}/interaction-types/dislike`, { positive: false });
      await service.send('POST', `${path}/interactions`, { interactions: twoTastes() });
      const late = { userId: 'late', itemId: 'gone', occurredAt: '2026-03-01T00:00:00Z' };
      await service.send('POST', `${path}/interactions`, { interactions: [late] });
      await service.send('DELETE', `${path}/items/gone`);
      await service.send('PUT', `${path}/users/user-1/consent`, { training: true, personal: false });
      await service.send('PUT', `${path}/users/known`, { tags: ['a'], metadata: { age: 31 } });
      await service.send('PUT', `${path}/schedules/nightly`, { cron: '0 3 * * *', model: 'ease' });
      const { status } = await service.train({ model: 'ease', parameters: { regularization: 3 } }, path);
      expect(status).toBe('succeeded');
    }
    expect(type(BACKUP, service.database).status).toBe(0);
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('of a whole service gives one with the same keys, whose answers are the same byte for byte', async () => {
    const other = await TestService.start({ redis: REDIS_SERVER !== '', env: { REQUIRE_KEYS: '1' } });
    try {
      const restored = type(RESTORE, other.database);
      expect([restored.status, restored.stderr]).toEqual([0, expect.stringContaining('Storing')]);
      expect(JSON.parse(restored.stdout)).toMatchObject({
        catalogs: ['default', 'shop'],
        rows: { catalogs: 2, models: 2, api_keys: 1, late_interactions: 0 },
      });
      const withKey = Object.create(other, { keyHeader: { value: service.keyHeader } }) as TestService;
      await hear(withKey, 'shop');
      for (const catalog of ['default', 'shop'])
        expect(await stateOf(withKey, catalog)).toEqual(await stateOf(service, catalog));
      const again = type(RESTORE, other.database);
      expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('has something already')]);
    } finally {
      await other.stop();
    }
  });

  it('of one catalog goes beside others, also where the name was in use and its lists are cached', async () => {
    const before = await stateOf(service, 'shop');
    const { status, stderr } = type(BACKUP_SHOP, service.database);
    expect([status, stderr]).toEqual([0, expect.stringContaining('"catalogs":["shop"]')]);
    const taken = type(RESTORE_SHOP, service.database);
    expect([taken.status, taken.stderr]).toEqual([
      2,
      expect.stringContaining('The catalog "shop" is there already'),
    ]);
    expect((await service.send('DELETE', '/v1/catalogs/shop')).status).toBe(202);
    const restored = await waitFor('the name to be free', () => {
      const attempt = type(RESTORE_SHOP, service.database);
      return attempt.status === 0 ? attempt : null;
    });
    expect(JSON.parse(restored.stdout)).toMatchObject({ catalogs: ['shop'], rows: { models: 1 } });
    await hear(service, 'shop');
    expect(await stateOf(service, 'shop')).toEqual(before);
  });

  it('that is cut off or changed anywhere is refused, and nothing of it is stored', async () => {
    const bytes = readFileSync(whole);
    const put = (content: Buffer) => {
      writeFileSync(join(folder, 'damaged.tar'), content);
      return join(folder, 'damaged.tar');
    };
    const flipped = Buffer.from(bytes);
    flipped[bytes.indexOf('action-item-0')]! ^= 1;
    for (const [what, content] of [
      ['nothing', Buffer.alloc(0)],
      ['no archive', Buffer.from('userId,itemId\nu,i\n')],
      ['its beginning', bytes.subarray(0, 512)],
      ['its half', bytes.subarray(0, bytes.length / 2)],
      ['all but the checksum', bytes.subarray(0, bytes.indexOf('checksum.json'))],
      ['another letter', flipped],
    ] as const) {
      const { status, stderr } = run('restore', put(content), ...of(database));
      expect([what, status, stderr]).toEqual([
        what,
        2,
        expect.stringMatching(/damaged or cut off|no backup of this service/),
      ]);
      const { rows } = await database.query('SELECT 1 FROM catalogs UNION ALL SELECT 1 FROM api_keys');
      expect(rows).toEqual([]);
    }
  });

  it('has every table of the schema, or says why not', async () => {
    const { rows } = await service.database.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    const head = JSON.parse(readFileSync(whole).subarray(512).toString('utf8').split('\0')[0]!) as {
      columns: Record<string, unknown>;
    };
    const leftOut = [
      ...['_prisma_migrations', 'catalog_changes', 'list_job_parts', 'list_jobs'],
      ...['training_artifacts', 'training_checkpoints', 'training_parts'],
    ];
    const ours = (rows as { name: string }[])
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('bullmq'));
    expect(ours.sort()).toEqual([...Object.keys(head.columns), ...leftOut].sort());
  });

  it('is refused with what to do where there is nothing to read or write', () => {
    const missing = run('restore', join(folder, 'none.tar'), ...of(service.database));
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('Cannot read')]);
    const nobody = run(
      'backup',
      '--catalog',
      'nobody',
      '--out',
      join(folder, 'x.tar'),
      ...of(service.database),
    );
    expect([nobody.status, nobody.stderr]).toEqual([2, expect.stringContaining('"nobody"')]);
  });
});
