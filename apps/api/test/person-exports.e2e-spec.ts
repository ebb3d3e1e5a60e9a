import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { seededRandom } from '#models';
import { TestService } from '../../../test/support/api.js';
import { describeOnBackends } from '../../../test/support/redis.js';
import { shellCommandsOf } from '../../../test/support/shell-commands.js';

const [USERS, ITEMS] = [60, 30];
const BACK = { title: null };

interface Row extends Readonly<Record<string, unknown>> {
  readonly kind: string;
}

/** What both catalogs have before the person comes, in the order in which they get it. */
function baseRows(): string {
  const random = seededRandom(17);
  const rows = Array.from({ length: 900 }, (_, n) => ({
    userId: `user-${Math.floor(random() * USERS)}`,
    itemId: `item-${Math.floor(ITEMS * random() ** 2)}`,
    type: random() < 0.7 ? 'view' : 'buy',
    weight: 1 + Math.floor(random() * 4) / 4,
    occurredAt: new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString(),
  }));
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

describeOnBackends('the file of everything on one person', ({ redis }) => {
  let service: TestService;
  let modelId: string;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('PUT', '/v1/catalogs/copy');
    for (const catalog of ['default', 'copy']) {
      const address = `/v1/catalogs/${catalog}`;
      const { body } = await service.send(
        'POST',
        `${address}/interactions/import`,
        baseRows(),
        'application/x-ndjson',
      );
      expect(body.stored).toBeGreaterThan(800);
      const type = { trainingWeight: 3, repeats: 'sum' };
      expect((await service.send('PUT', `${address}/interaction-types/buy`, type)).status).toBe(200);
      const run = await service.train(undefined, address);
      if (catalog === 'default') modelId = run.modelId;
    }
  });
  afterAll(() => service.stop());

  const exported = async (id: string): Promise<Row[]> => {
    const { status, headers, body } = await service.get(`users/${encodeURIComponent(id)}/export`);
    expect([status, headers.get('content-type'), status === 200 || body]).toEqual([
      ...[200, 'application/x-ndjson', true],
    ]);
    return String(body)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  };
  const ofKind = (rows: readonly Row[], kind: string) => rows.filter((row) => row.kind === kind);
  const listOf = async (catalog: string, userId: string, query: string) => {
    const { body } = await service.get(`/v1/catalogs/${catalog}/users/${userId}/recommendations?${query}`);
    const { recommendationId: _, modelId: __, ...list } = body;
    return list as { readonly items: readonly { readonly itemId: string }[] };
  };
  const post = (interactions: readonly object[]) => service.send('POST', 'interactions', { interactions });

  it('has all rows of the person, by kind, and nothing of others', async () => {
    const at = (day: number) => `2026-03-0${day}T00:00:00.000Z`;
    const own = [
      { itemId: 'item-1', type: 'view', weight: 1, occurredAt: at(1) },
      { itemId: 'item-2', type: 'buy', weight: 2.5, occurredAt: at(2) },
      { itemId: 'away', type: 'view', weight: 1, occurredAt: at(3) },
    ].map((row) => ({ userId: 'person', ...row }));
    await post(own);
    await service.send('DELETE', 'items/away');
    const late = { ...own[2]!, occurredAt: at(4) };
    await post([late]);
    const list = (await service.get('users/person/recommendations?k=3&rotation=0.5&paging=true')).body;
    const followed = { userId: 'person', itemId: list.items[0].itemId, type: 'buy', weight: 1 };
    const { recommendationId } = list;
    await post([{ ...followed, occurredAt: at(5), recommendationId }]);
    await service.get('users/person/recommendations');
    await service.send('PUT', 'users/person/consent', { training: false, personal: true });
    await service.send('PUT', 'users/person', { tags: ['member'], metadata: { age: 31, city: 'Rome' } });
    await service.get('users/person/recommendations');

    const rows = await exported('person');
    expect(rows.map(({ userId }) => userId)).toEqual(rows.map(() => 'person'));
    expect(ofKind(rows, 'user')).toEqual([
      {
        ...{ kind: 'user', userId: 'person', createdAt: expect.stringMatching(/Z$/) },
        ...{ training: false, personal: true, tags: ['member'], metadata: { age: 31, city: 'Rome' } },
      },
    ]);
    expect(ofKind(rows, 'interaction')).toEqual(
      [own[0], own[1], { ...followed, occurredAt: at(5) }].map((row) => ({ kind: 'interaction', ...row })),
    );
    expect(ofKind(rows, 'late-interaction')).toEqual([{ kind: 'late-interaction', ...late }]);
    const { weight: _, ...counted } = followed;
    expect(ofKind(rows, 'attribution')).toEqual([
      {
        ...{ kind: 'attribution', ...counted, answer: expect.any(Number) },
        issuedAt: expect.stringMatching(/Z$/),
      },
    ]);
    const shownIds = list.items.map(({ itemId }: { itemId: string }) => itemId);
    expect(
      ofKind(rows, 'rotation')
        .map(({ itemId }) => itemId)
        .sort(),
    ).toEqual(shownIds.sort());
    const [history] = ofKind(rows, 'cached-history') as unknown as [
      { readonly items: { itemId: string; value: number }[] },
    ];
    expect(history).toMatchObject({ tags: ['member'], metadata: { age: 31 } });
    expect(Object.fromEntries(history.items.map(({ itemId, value }) => [itemId, value]))).toMatchObject({
      'item-1': expect.any(Number),
      'item-2': 7.5,
    });
    const [cached] = ofKind(rows, 'cached-list');
    expect(cached).toMatchObject({ modelId, items: expect.any(Array) });
    expect((cached!['items'] as unknown[]).length).toBeGreaterThan(3);
    const kinds = ['user', 'interaction', 'late-interaction', 'attribution', 'rotation'];
    expect([...new Set(rows.map(({ kind }) => kind))]).toEqual([...kinds, 'cached-history', 'cached-list']);
  });

  it('gives the same lists from the same model where it is imported', async () => {
    const text = (await service.get('users/person/export')).body as string;
    expect(await listOf('copy', 'person', 'k=20')).not.toEqual(await listOf('default', 'person', 'k=20'));
    await service.send('PUT', '/v1/catalogs/copy/items/away', BACK);
    await service.send('DELETE', '/v1/catalogs/copy/items/away');
    const address = '/v1/catalogs/copy/interactions/import';
    const { status, body } = await service.send('POST', address, text, 'application/x-ndjson');
    expect([status, body.stored, body.duplicates]).toEqual([200, 4, 0]);
    expect(body.summary.leftOut.map(({ reason }: { reason: string }) => reason)).toContain(
      'kind attribution, which is no interaction',
    );
    for (const query of ['k=20', 'k=20&explain=true', 'k=5&diversity=0.5'])
      expect([query, await listOf('copy', 'person', query)]).toEqual([
        query,
        await listOf('default', 'person', query),
      ]);
    const copied = (await service.get('/v1/catalogs/copy/users/person/export')).body as string;
    const linesOf = (lines: string) => lines.split('\n').filter((line) => line.includes('interaction"'));
    expect(linesOf(copied)).toEqual(linesOf(text));
    const users = '/v1/catalogs/copy/users/import';
    const put = await service.send('POST', users, text, 'application/x-ndjson');
    expect([put.status, put.body.created, put.body.updated]).toEqual([200, 0, 1]);
    const withoutTime = (lines: string) => lines.split('\n')[0]!.replace(/"createdAt":"[^"]*",/, '');
    const described = (await service.get('/v1/catalogs/copy/users/person/export')).body as string;
    expect(withoutTime(described)).toBe(withoutTime(text));
    const again = await service.send('POST', address, text, 'application/x-ndjson');
    expect([again.body.stored, again.body.duplicates]).toEqual([0, 4]);
  });

  it('has what is cached of somebody who never interacted, and is refused where there is nothing', async () => {
    const unknown = await service.get('users/visitor/export');
    expect([unknown.status, unknown.body.type]).toEqual([404, '/problems/user-not-found']);
    await service.get('users/visitor/recommendations?k=2&rotation=1');
    const rows = await exported('visitor');
    expect(rows.map(({ kind }) => kind)).toEqual(['rotation', 'rotation']);
    expect((await service.get('/v1/catalogs/nowhere/users/visitor/export')).status).toBe(404);
  });

  it('changes nothing, and keeps no list from being right after it', async () => {
    await post([
      { userId: 'asked-first', itemId: 'item-4', type: 'view', occurredAt: '2026-03-01T00:00:00Z' },
    ]);
    await service.redis?.flush();
    const rows = await exported('asked-first');
    if (redis) expect(rows.map(({ kind }) => kind)).toEqual(['user', 'interaction']);
    const { items } = await listOf('default', 'asked-first', 'k=100');
    expect(items.map(({ itemId }) => itemId)).not.toContain('item-4');
  });

  describe('who had another id before the login', () => {
    const merge = (userId: string, from: string) => service.send('POST', `users/${userId}/merge`, { from });

    it('is one who did everything, by either id, with what was shown', async () => {
      const at = (day: number) => `2026-03-0${day}T00:00:00.000Z`;
      const rows = (before: string, after: string) => [
        { userId: before, itemId: 'item-3', type: 'view', occurredAt: at(1) },
        { userId: before, itemId: 'item-4', type: 'buy', occurredAt: at(2) },
        { userId: after, itemId: 'item-4', type: 'buy', occurredAt: at(3) },
      ];
      await post(rows('twin', 'twin'));
      await post(rows('device', 'account').slice(0, 2));
      const shownAs = async (id: string) =>
        (await service.get(`users/${id}/recommendations?k=3&rotation=0.5&paging=true`)).body;
      const begun = await shownAs('device');
      const explained = 'k=20&explain=true';
      expect(await listOf('default', 'account', explained)).not.toEqual(
        await listOf('default', 'twin', explained),
      );
      const { status, body } = await merge('account', 'device');
      expect([status, body]).toEqual([
        200,
        { userId: 'account', mergedId: 'device', moved: 2, followsUntil: expect.stringMatching(/Z$/) },
      ]);
      await post(rows('device', 'account').slice(2));
      for (const id of ['account', 'device'])
        expect(await listOf('default', id, explained)).toEqual(await listOf('default', 'twin', explained));
      // A page of a list that was begun before, and a list by the merged id, are shown to the account.
      const next = await service.get(`users/device/recommendations?cursor=${begun.nextCursor}`);
      const now = await shownAs('device');
      const rowsOf = await exported('account');
      expect(await exported('device')).toEqual(rowsOf);
      const shown = [begun, next.body, now].flatMap(({ items }) => items.map(({ itemId }: Row) => itemId));
      const rotation = ofKind(rowsOf, 'rotation');
      expect(new Set(rotation.map(({ itemId }) => itemId))).toEqual(new Set(shown));
      expect(new Set(rotation.map(({ userId }) => userId))).toEqual(new Set(['account']));
      expect(ofKind(rowsOf, 'merged-id')).toEqual([
        {
          ...{ kind: 'merged-id', userId: 'account', mergedId: 'device' },
          ...{ mergedAt: expect.stringMatching(/Z$/), endsAt: body.followsUntil },
        },
      ]);
      expect((await merge('account', 'device')).body).toEqual({ ...body, moved: 0 });
      expect((await merge('device', 'account')).body).toEqual({ ...body, moved: 0 });
    });

    it('is not merged into itself by name, nor into a second person, and by the call of docs/privacy.md', async () => {
      for (const [userId, from, code] of [
        ['account', 'account', 'validation-failed'],
        ['twin', 'device', 'user-merged'],
      ] as const)
        expect((await merge(userId, from)).body.type).toBe(`/problems/${code}`);
      const [command] = shellCommandsOf('docs/privacy.md').filter((one) => one.includes('/merge'));
      const local = command!.replace('http://127.0.0.1:3000', service.url);
      const { stdout } = await promisify(execFile)('sh', ['-c', local]);
      expect(JSON.parse(stdout)).toMatchObject({ userId: 'ada', mergedId: 'visitor-1', moved: 0 });
    });
  });

  it('has a HEAD, and each GET stands in the audit log', async () => {
    const head = await service.send('HEAD', 'users/person/export');
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    await service.get('users/person/export');
    await service.get('users/nobody/export');
    await service.get('export/users');
    await service.get('users/person');
    const { body } = await service.get('/v1/audit-log?limit=3');
    const entries = body.items.map((entry: Record<string, unknown>) => [
      ...[entry['method'], entry['route'], entry['address'], entry['status']],
    ]);
    const route = '/v1/catalogs/:catalog/users/:id/export';
    const address = (id: string) => `/v1/catalogs/default/users/${id}/export`;
    expect(entries).toEqual([
      ['GET', '/v1/catalogs/:catalog/export/:table', '/v1/catalogs/default/export/users', 200],
      ['GET', route, address('nobody'), 404],
      ['GET', route, address('person'), 200],
    ]);
  });

  if (redis)
    it('is refused while Redis does not answer, since something may be missing', async () => {
      await service.redis!.stop();
      const refused = await service.get('users/person/export');
      expect([refused.status, refused.body.type]).toEqual([503, '/problems/cache-unavailable']);
      expect((await service.get('users/person')).status).toBe(200);
    });
});
