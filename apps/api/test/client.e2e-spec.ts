import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createClient,
  interactionsRecord,
  itemsPut,
  recommendationsForBasket,
  recommendationsForUser,
  trainingRunsGet,
  trainingRunsStart,
  type Client,
} from '@sparserec/client';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
const catalog = 'default';

describe('the typed client', () => {
  let service: TestService;
  let client: Client;
  let auth: string;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true });
    auth = service.keyHeader['authorization']!.replace('Bearer ', '');
    client = createClient({ baseUrl: service.url, auth });
  });
  afterAll(() => service.stop());

  it('records, trains and recommends', async () => {
    const body = { interactions: twoTastes() };
    const recorded = await interactionsRecord({ client, path: { catalog }, body, throwOnError: true });
    expect(recorded.data).toEqual({ stored: body.interactions.length, duplicates: 0, merged: 0 });
    const { data: started } = await trainingRunsStart({
      client,
      path: { catalog },
      body: { model: 'ease', parameters: { regularization: 5 } },
      throwOnError: true,
    });
    await waitFor('the model', async () => {
      const { data } = await trainingRunsGet({ client, path: { catalog, id: started.id } });
      return data?.status === 'succeeded';
    });
    await itemsPut({ client, path: { catalog, id: 'item-4' }, body: { title: 'Fourth' } });
    const path = { catalog, id: 'user-0' };
    const forUser = await waitFor('the list of the model', async () => {
      const { data } = await recommendationsForUser({ client, path, query: { k: 3 }, throwOnError: true });
      return data.modelId === null ? null : data;
    });
    expect(forUser.items.map(({ source }) => source)).toEqual(['model', 'model', 'model']);
    const items = [{ itemId: 'item-2' }, { itemId: 'item-6' }];
    const forBasket = await recommendationsForBasket({ client, path: { catalog }, body: { items, k: 20 } });
    expect(forBasket.data?.items).toContainEqual(
      expect.objectContaining({ itemId: 'item-4', title: 'Fourth' }),
    );
  });

  it('sends a key, with which a call that is sent again stores nothing', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const body = { interactions: [{ userId: 'client', itemId: 'item-1' }] };
    const record = () => interactionsRecord({ client, path: { catalog }, body, headers, throwOnError: true });
    const [first, again] = [await record(), await record()];
    expect(again.data).toEqual(first.data);
    const replayed = [first, again].map(({ response }) => response.headers.get('idempotent-replayed'));
    expect(replayed).toEqual([null, 'true']);
  });

  it('gives the problem document of a refused call', async () => {
    const path = { catalog, id: 'user-0' };
    const { data, error, response } = await recommendationsForUser({ client, path, query: { k: 0 } });
    expect([data, response.status]).toEqual([undefined, 422]);
    expect(error).toMatchObject({ type: '/problems/validation-failed' });
  });

  it('is a package whose examples compile where it alone is installed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparserec-client-'));
    try {
      const packed = await run('npm', ['pack', '--pack-destination', folder], {
        cwd: join(ROOT, 'libs/client'),
      });
      await run('tar', ['-xzf', packed.stdout.trim().split('\n').at(-1)!], { cwd: folder });
      mkdirSync(join(folder, 'node_modules/@sparserec'), { recursive: true });
      renameSync(join(folder, 'package'), join(folder, 'node_modules/@sparserec/client'));
      const readme = readFileSync(join(ROOT, 'libs/client/README.md'), 'utf8');
      const examples = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, example]) => example);
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
      const source = examples
        .join('')
        .replace("'http://127.0.0.1:3000'", `'${service.url}', auth: '${auth}'`);
      writeFileSync(join(folder, 'example.ts'), source);
      const options = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom,dom.iterable'];
      const tsc = join(ROOT, 'node_modules/.bin/tsc');
      await run(tsc, ['--strict', '--ignoreConfig', ...options, 'example.ts'], {
        cwd: folder,
      });
      const { stdout } = await run(process.execPath, ['example.js'], { cwd: folder });
      expect(stdout.trim().split('\n')).toHaveLength(5);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
