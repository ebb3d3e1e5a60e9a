import { parquetReadObjects } from 'hyparquet';
import type { StoredList } from '#domain';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';

const K = 6;

describe('list jobs', () => {
  let service: TestService;
  const models: string[] = [];

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '', needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    models.push((await service.train({ model: 'ials', parameters: { factors: 8 } })).modelId);
    models.push((await service.train()).modelId);
    await makeOddUsers();
  });
  afterAll(() => service.stop());

  async function makeOddUsers(): Promise<void> {
    const at = { occurredAt: '2026-01-02T00:00:00Z' };
    const items = Array.from({ length: 24 }, (_, item) => `item-${item}`);
    await service.send('PUT', 'interaction-types/eat', { repeatAfterDays: 1 });
    await service.send('PUT', 'interaction-types/peek', { excludesSeen: false });
    await service.send('PUT', 'items/fresh', { title: 'Fresh', tags: ['first'] });
    const of = (userId: string, itemIds: readonly string[], type?: string) =>
      itemIds.map((itemId) => ({ userId, itemId, ...(type && { type }), ...at }));
    const interactions = [
      ...of('saw-all', [...items, 'fresh']),
      ...of('cold', ['fresh', 'unknown-to-the-model']),
      ...of('eater', items.slice(0, 6), 'eat'),
      ...of('peeker', items.slice(0, 6), 'peek'),
      ...of('shy', items.slice(0, 5)),
      ...of('old-id', items.slice(3, 7)),
    ];
    await service.send('POST', 'interactions', { interactions });
    await service.send('PUT', 'users/newcomer', { tags: ['new'] });
    await service.send('PUT', 'users/shy/consent', { training: true, personal: false });
    await service.send('POST', 'users/user-3/merge', { from: 'old-id' });
    await service.send('PUT', 'items/item-5', { available: false });
    await service.send('DELETE', 'items/item-7');
    for (const item of [1, 2, 3]) await service.send('PUT', `items/item-${item}`, { tags: ['first'] });
  }

  const start = async (body: object = { k: K }) => {
    const { status, headers, body: job } = await service.send('POST', 'list-jobs', body);
    expect([status, job.status]).toEqual([202, 'queued']);
    return headers.get('location')!;
  };
  const finished = (address: string) =>
    waitFor('the list job', async () => {
      const { body } = await service.get(address);
      return body.finishedAt !== null && body;
    });
  const listsOf = async (address: string): Promise<StoredList[]> =>
    String((await service.get(`${address}/lists`)).body)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as StoredList);

  it.each([
    ['by the active model', 1, undefined],
    ['by a named model', 0, undefined],
    ['by a filter', 1, { tags: { none: ['first'] } }],
  ])('make for every user the list that a preview is: %s', async (_, model, filter) => {
    const named: Record<string, string> = model === 0 ? { model: models[0]! } : {};
    const address = await start({ k: K, ...named, ...(filter && { filter }) });
    const job = await finished(address);
    const lists = await listsOf(address);
    expect(job).toMatchObject({
      ...{ status: 'succeeded', progress: 1, modelId: models[model], k: K, filter: filter ?? null },
      ...{ usersDone: lists.length, usersTotal: lists.length, error: null, attempts: 1 },
    });
    expect(job.sizeBytes).toBeGreaterThan(0);
    expect(lists.map(({ userId }) => userId)).toEqual(
      expect.arrayContaining(['saw-all', 'cold', 'eater', 'peeker', 'shy', 'newcomer', 'user-0']),
    );
    expect(lists.map(({ userId }) => userId)).not.toContain('old-id');
    const query = new URLSearchParams({
      ...{ k: String(K), preview: 'true', ...named },
      ...(filter && { filter: JSON.stringify(filter) }),
    });
    for (const { userId, items, reason, personalised } of lists) {
      const { body } = await service.get(`users/${userId}/recommendations?${query.toString()}`);
      const idsOf = (list: StoredList['items']) => list.map(({ itemId, source }) => [itemId, source]);
      expect([userId, idsOf(items), reason, personalised]).toEqual([
        ...[userId, idsOf(body.items), body.reason, body.personalised],
      ]);
      for (const [rank, { score }] of items.entries()) expect(score).toBeCloseTo(body.items[rank].score, 5);
    }
    await service.send('DELETE', address);
  });

  it('are one at a time in a catalog, and are removed with their lists by DELETE', async () => {
    const address = await start();
    const second = await service.send('POST', 'list-jobs', { k: 2 });
    if (second.status !== 202) expect(second.body.type).toBe('/problems/too-many-list-jobs');
    expect((await service.send('DELETE', address)).status).toBe(204);
    for (const path of [address, `${address}/lists`]) {
      const { status, body } = await service.get(path);
      expect([status, body.type]).toEqual([404, '/problems/list-job-not-found']);
    }
    expect((await service.send('DELETE', address)).status).toBe(404);
    for (const { id } of (await service.get('list-jobs')).body.items)
      await service.send('DELETE', `list-jobs/${id}`);
    const { rows } = await service.database.query('SELECT FROM list_job_parts');
    expect(rows).toEqual([]);
  });

  it('are read as Parquet too, place by place', async () => {
    const address = await start();
    await finished(address);
    const lists = await listsOf(address);
    const reply = await fetch(`${service.url}${address}/lists?format=parquet`, {
      headers: service.keyHeader,
    });
    expect(reply.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const rows = await parquetReadObjects({ file: await reply.arrayBuffer() });
    const wanted = lists.flatMap(({ userId, items, personalised = true }) =>
      items.map(({ itemId, source }, place) => ({ userId, rank: place + 1, itemId, source, personalised })),
    );
    expect(rows.map(({ score: _score, ...row }) => row)).toEqual(wanted);
    const { body } = await service.get('/v1/audit-log');
    expect(JSON.stringify(body)).toContain(`${address}/lists`);
    const { body: usage } = await service.get('usage');
    const entry = usage.entries.find(({ kind }: { kind: string }) => kind === 'list-jobs');
    expect(entry).toMatchObject({ store: 'postgres', scope: 'catalog', count: 1, measured: null });
    expect(entry.bytes).toBeGreaterThan(0);
    await service.send('DELETE', address);
  });

  it('refuse options that they do not have by name, and a catalog without a model', async () => {
    for (const option of ['boost', 'diversity', 'pins', 'explain', 'exclude', 'minScore', 'rotation']) {
      const { status, body } = await service.send('POST', 'list-jobs', { [option]: 1 });
      expect([status, body.errors[0].pointer]).toEqual([422, `#/${option}`]);
    }
    await service.send('PUT', '/v1/catalogs/empty');
    const { status, body } = await service.send('POST', '/v1/catalogs/empty/list-jobs', {});
    expect([status, body.type]).toEqual([404, '/problems/model-not-found']);
  });

  it('go with their catalog', async () => {
    await finished(await start());
    const { headers } = await service.send('DELETE', '/v1/catalogs/default');
    await waitFor('the deletion', async () => {
      const { body } = await service.get(headers.get('location')!);
      return body.status === 'done';
    });
    for (const table of ['list_jobs', 'list_job_parts'])
      expect((await service.database.query(`SELECT FROM ${table}`)).rows).toEqual([]);
  });
});
