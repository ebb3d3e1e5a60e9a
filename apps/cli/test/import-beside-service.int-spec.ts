import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestService, twoTastes, type AnotherApi } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';
import { sparserec } from './sparserec.js';

/** More than are told one by one, and than are merged as a batch. */
const MANY = 11_000;

describe('sparserec import beside a service of two API processes', () => {
  let service: TestService;
  let second: AnotherApi;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-'));
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    second = await service.startAnotherApi();
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(async () => {
    await second.process.kill('SIGTERM');
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const listAt = async (url: string, userId: string): Promise<string[]> => {
    const reply = await fetch(`${url}/v1/catalogs/default/users/${userId}/recommendations?k=100`);
    const { items } = (await reply.json()) as { items: { itemId: string }[] };
    return items.map(({ itemId }) => itemId);
  };
  const lists = (userId: string) => Promise.all([service.url, second.url].map((url) => listAt(url, userId)));
  const importRows = (rows: readonly string[]) => {
    const file = join(folder, 'rows.csv');
    writeFileSync(file, ['userId,itemId,timestamp', ...rows, ''].join('\n'));
    const { status, stderr } = sparserec('import', '--data', file, '--database', service.database.url);
    expect([status, stderr.includes('error')]).toEqual([0, false]);
  };

  it.each([
    ['a row', 'user-1', []],
    [
      'more rows than are told one by one',
      'user-2',
      Array.from({ length: MANY }, (_, n) => `other-${n},item-${n % 24},1767225600`),
    ],
  ])('changes the lists of both for a user who was asked for before, with %s', async (_what, user, more) => {
    // Twice, so that it is cached in Redis and in both processes.
    for (let n = 0; n < 2; n++) expect((await lists(user)).every((list) => list.length > 0)).toBe(true);
    const [seen] = await listAt(service.url, user);
    importRows([`${user},${seen},1767225600`, ...more]);
    await waitFor('both to leave out what the user has seen', async () =>
      (await lists(user)).every((list) => list.length > 0 && !list.includes(seen!)),
    );
    const next = (await listAt(second.url, user))[0]!;
    await service.send('POST', 'interactions', { interactions: [{ userId: user, itemId: next }] });
    await waitFor('both to leave out what is posted after it', async () =>
      (await lists(user)).every((list) => list.length > 0 && !list.includes(next)),
    );
  });

  it('takes items in at both, and their absence', async () => {
    const [first] = await listAt(service.url, 'user-3');
    const file = join(folder, 'items.jsonl');
    writeFileSync(file, `${JSON.stringify({ itemId: first, title: 'New title' })}\n`);
    const rows = join(folder, 'row.csv');
    writeFileSync(rows, 'userId,itemId,timestamp\nsomebody,item-1,1767225600\n');
    const { status, stderr } = sparserec(
      ...['import', '--data', rows, '--items', file, '--database', service.database.url],
    );
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    await waitFor('the title at both', async () => {
      const replies = [service.url, second.url].map(async (url) => {
        const reply = await fetch(`${url}/v1/catalogs/default/users/user-3/recommendations?k=100`);
        const { items } = (await reply.json()) as { items: { itemId: string; title?: string }[] };
        return items.find(({ itemId }) => itemId === first)?.title;
      });
      return (await Promise.all(replies)).every((title) => title === 'New title');
    });
  });
});
