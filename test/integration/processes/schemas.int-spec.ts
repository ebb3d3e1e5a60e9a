import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#data';
import { TestService, twoTastes } from '../../support/api.js';
import { waitFor } from '../../support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
const POPULAR = '/v1/catalogs/default/popular';

/** The same database, with everything in a schema of its own. */
async function inSchema(databaseUrl: string, schema: string) {
  const url = `${databaseUrl}?schema=${schema}`;
  await migrate(url, join(ROOT, 'prisma/migrations'));
  return { url, stop: () => Promise.resolve() };
}

describe('two installations in two schemas of one database', () => {
  let one: TestService;
  let other: TestService;

  beforeAll(async () => {
    one = await TestService.start({ redis: false, reach: (url) => inSchema(url, 'tenant_a') });
    other = await TestService.start({ redis: false, reach: () => inSchema(one.database.url, 'Tenant_B') });
  });
  afterAll(async () => {
    await other.stop();
    await one.stop();
  });

  const count = async (table: string): Promise<number> =>
    (await one.database.query(`SELECT count(*)::int AS count FROM ${table}`)).rows[0].count;

  it('store, train and serve each for itself, and leave the schema public alone', async () => {
    const rows = twoTastes();
    expect((await one.send('POST', 'interactions', { interactions: rows })).body.stored).toBe(rows.length);
    const run = await one.train();
    expect(run.status).toBe('succeeded');
    expect((await other.get(POPULAR)).body).toMatchObject({ items: [], modelId: null });
    expect(await count('tenant_a.interactions')).toBe(rows.length);
    expect(await count('tenant_a.models')).toBe(1);
    for (const schema of ['public', '"Tenant_B"'])
      for (const table of ['interactions', 'items', 'models', 'training_runs'])
        expect([schema, table, await count(`${schema}.${table}`)]).toEqual([schema, table, 0]);
  });

  it('have queues apart', async () => {
    const { rows } = await one.database.query(
      `SELECT schemaname AS name FROM pg_tables WHERE tablename = 'job' ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['Tenant_B_bullmq', 'tenant_a_bullmq']);
  });

  it('are filled by the command line at the address that it is given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
    const rows = twoTastes().map(({ userId, itemId, occurredAt }) => `${userId},${itemId},${occurredAt}`);
    writeFileSync(join(folder, 'rows.csv'), ['userId,itemId,occurredAt', ...rows].join('\n'));
    const url = `${one.database.url}?schema=Tenant_B`;
    const cli = [join(ROOT, 'dist/programs/cli.js'), 'import', '--data', join(folder, 'rows.csv')];
    const args = [...process.execArgv, ...cli, '--database', url];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
    expect(await count('"Tenant_B".interactions')).toBe(JSON.parse(stdout).stored);
    expect(await count('public.interactions')).toBe(0);
  });

  it('do not hear each other', async () => {
    const model = { model: 'popularity' };
    const run = await other.train(model);
    expect(run.status).toBe('succeeded');
    const { modelId } = (await one.get(POPULAR)).body;
    expect(modelId).not.toBe(run.modelId);
    for (const { api } of [one, other]) await api.waitForEvent('model.swapped-in');
    const swaps = (service: TestService) =>
      service.api.log.filter(({ event }) => event === 'model.swapped-in').map(({ modelId: id }) => id);
    expect(swaps(one)).toEqual([modelId]);
    expect(swaps(other)).toEqual([run.modelId]);
  });

  it('delete a catalog of one name at the same time', async () => {
    const deletions = await Promise.all(
      [one, other].map((service) => service.send('DELETE', '/v1/catalogs/default')),
    );
    for (const [n, service] of [one, other].entries()) {
      const address = deletions[n]!.headers.get('location')!;
      await waitFor('the receipt', async () => (await service.get(address)).body.status === 'done');
    }
  });
});
