import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Database, ImportsRepository } from '#data';
import { openSources, understand } from '#datasets';
import { TestService } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
const CASES = join(ROOT, '../shared/data-cases');
const FOLDERS = [
  'ml-latest',
  'ml-1m',
  'ml-100k',
  'two-csv',
  'lightgcn',
  'recbole-parts',
  'bookcrossing',
  'hm',
];
const FIRST_ANSWERS = join(ROOT, 'scripts/lib/first-answers.mjs');

interface FirstAnswers {
  serviceAt(url: string, key: string | null): object;
  trainFirstModel(service: object, catalog: string): Promise<void>;
  firstAnswers(service: object, users: readonly string[], catalog: string): Promise<string>;
}

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

describe('popular items and similar users', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false });
    const of = (itemId: string, users: number, days: number, type = 'view') =>
      Array.from({ length: users }, (_, n) => ({
        userId: `user-${n}`,
        itemId,
        type,
        occurredAt: daysAgo(days),
      }));
    await service.send('POST', 'interactions', {
      interactions: [
        ...of('old', 9, 300),
        ...of('month', 5, 20),
        ...of('new', 3, 1),
        ...of('sold', 2, 2, 'buy'),
      ],
    });
    await service.send('PUT', 'items/new', { tags: ['fresh'] });
    await service.send('PUT', 'items/untouched', {});
  });
  afterAll(() => service.stop());

  const popular = async (query = '') => (await service.get(`popular?${query}`)).body;
  const scores = (reply: { items: { itemId: string; score: number }[] }) =>
    reply.items.map(({ itemId, score }) => [itemId, score]);

  it('counts the users of each item before there is a model, and says so', async () => {
    const reply = await popular();
    expect(scores(reply)).toEqual([
      ['old', 9],
      ['month', 5],
      ['new', 3],
      ['sold', 2],
      ['untouched', 0],
    ]);
    expect(reply).toMatchObject({ modelId: null, window: { from: null, halfLifeDays: null, types: null } });
    expect(reply.items.at(-1).source).toBe('catalogue');
  });

  it('counts in a window, by half-life, type and tag', async () => {
    expect(scores(await popular('windowDays=30&k=3'))).toEqual([
      ['month', 5],
      ['new', 3],
      ['sold', 2],
    ]);
    expect(scores(await popular('windowDays=1.5&k=1'))).toEqual([['new', 3]]);
    expect(scores(await popular('type=buy&minScore=1'))).toEqual([['sold', 2]]);
    expect(scores(await popular('windowDays=30&tag=fresh'))).toEqual([['new', 3]]);
    const decayed = await popular('halfLifeDays=1&k=2');
    expect(decayed.items.map(({ itemId }: { itemId: string }) => itemId)).toEqual(['new', 'sold']);
    expect(decayed.items[0].score).toBeCloseTo(1.5, 2);
    const faded = await popular('halfLifeDays=5e-324&k=1');
    expect(faded.items).toEqual([expect.objectContaining({ score: expect.any(Number) })]);
    const { window } = await popular('windowDays=30&halfLifeDays=2&type=view&type=buy');
    expect(window).toMatchObject({ halfLifeDays: 2, types: ['buy', 'view'] });
    expect(Date.parse(window.to) - Date.parse(window.from)).toBe(30 * DAY_MS);
  });

  it('is as of the model once there is one, unless more is asked for', async () => {
    await service.train();
    expect((await popular()).window).toBeUndefined();
    expect(scores(await popular('tag=fresh'))).toEqual([['new', 3]]);
    expect((await popular('windowDays=30')).window).toBeDefined();
  });

  it('is that of the users who have a tag, if one is named', async () => {
    for (const userId of ['user-0', 'user-1'])
      await service.send('PUT', `users/${userId}`, { tags: ['few'] });
    const { window, ...reply } = await popular('userTag=few&minScore=1');
    expect(scores(reply)).toEqual([
      ['old', 2],
      ['month', 2],
      ['new', 2],
      ['sold', 2],
    ]);
    expect(window.userTag).toBe('few');
    const none = await popular('userTag=none&k=2');
    expect(none.items.map(({ source }: { source: string }) => source)).toEqual(['catalogue', 'catalogue']);
  });

  it('lists the newest items by their own dates, by tag too, for no model', async () => {
    const put = (itemId: string, day: string, tags: string[] = []) =>
      service.send('PUT', `items/${itemId}`, { createdAt: `${day}T12:00:00Z`, tags });
    await put('spring', '2026-03-21', ['season']);
    await put('winter', '2025-12-21', ['season']);
    await put('long ago', '1960-01-01');
    const latest = async (query: string) => (await service.get(`latest?${query}`)).body;
    const body = await latest('k=100');
    const { items } = (await service.get('items?limit=500')).body;
    const byDate = [...items].sort(
      (a: { createdAt: string }, b: { createdAt: string }) =>
        Date.parse(b.createdAt) - Date.parse(a.createdAt),
    );
    expect(body.items.map(({ itemId }: { itemId: string }) => itemId)).toEqual(
      byDate.map(({ itemId }: { itemId: string }) => itemId),
    );
    expect(body).toMatchObject({ modelId: null, exact: true, reason: 'fewer-items-exist' });
    expect(body.items.at(-1)).toEqual({ itemId: 'long ago', score: -3652.5, source: 'latest' });
    const winter = Date.UTC(2025, 11, 21, 12) / DAY_MS;
    expect(scores(await latest('tag=season'))).toEqual([
      ['spring', winter + 90],
      ['winter', winter],
    ]);
    expect(scores(await latest(`tag=season&minScore=${winter + 1}`))).toEqual([['spring', winter + 90]]);
  });

  it('have a filter on ids, which leaves the others out of the list of all items', async () => {
    const wanted = ['old', 'new', 'sold', 'untouched', 'no such item'];
    const filter = { itemId: { in: wanted } };
    const isWanted = ({ itemId }: { itemId: string }) => wanted.includes(itemId);
    const paths = ['users/user-3/recommendations', 'users/nobody/recommendations', 'items/month/similar'];
    for (const path of [...paths, 'popular', 'popular?type=view', 'latest']) {
      const read = async (query: string) =>
        (await service.get(`${path}${path.includes('?') ? '&' : '?'}k=200&${query}`)).body.items;
      const some = await read(`filter=${encodeURIComponent(JSON.stringify(filter))}`);
      expect(some).toEqual((await read('')).filter(isWanted));
      expect([path, some.length > 1]).toEqual([path, true]);
    }
    const basket = { items: [{ itemId: 'month' }], k: 200 };
    const all = (await service.send('POST', 'recommendations', basket)).body.items;
    const some = (await service.send('POST', 'recommendations', { ...basket, filter })).body.items;
    expect(some).toEqual(all.filter(isWanted));
  });

  it('finds the users most alike', async () => {
    const { status, body } = await service.get('users/user-0/similar?k=3');
    expect(status).toBe(200);
    expect(body).toEqual({
      users: [
        { userId: 'user-1', score: 1, sharedItems: 4 },
        { userId: 'user-2', score: expect.closeTo(3 / Math.sqrt(12), 5), sharedItems: 3 },
        { userId: 'user-3', score: expect.closeTo(2 / Math.sqrt(8), 5), sharedItems: 2 },
      ],
      measure: 'cosine',
      exact: true,
    });
    expect((await service.get('users/user-0/similar')).body.reason).toBe('fewer-users-share-items');
    expect((await service.get('users/nobody/similar')).body).toMatchObject({
      users: [],
      reason: 'unknown-user',
    });
    await service.send('POST', 'interactions', { interactions: [{ userId: 'alone', itemId: 'untouched' }] });
    expect((await service.get('users/alone/similar')).body.reason).toBe('no-users-share-items');
  });

  it.each([
    ['popular?windowDays=0', '#/windowDays'],
    ['popular?windowDays=-1', '#/windowDays'],
    ['popular?windowDays=99999', '#/windowDays'],
    ['popular?halfLifeDays=soon', '#/halfLifeDays'],
    ['popular?type=', '#/type'],
    [`popular?${'type=x&'.repeat(11)}`, '#/type'],
    ['popular?tag=', '#/tag'],
    ['users/u/similar?k=0', '#/k'],
    ['users/u/similar?measure=x', '#/measure'],
  ])('%s: 422 that names the field', async (path, pointer) => {
    const { status, body } = await service.get(path);
    expect(status).toBe(422);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  /** Folders as people bring them, in which most users have seen everything. */
  const given = existsSync(CASES) ? it : it.skip;
  given.each(FOLDERS)('npm start on %s prints three answers, and why one is empty', async (folder) => {
    const { firstAnswers, serviceAt, trainFirstModel } = (await import(FIRST_ANSWERS)) as FirstAnswers;
    const catalog = `start-${folder}`;
    const database = Database.connect(service.database.url);
    const sources = await openSources(join(CASES, folder));
    try {
      const dataset = await understand(sources, { clockToleranceSeconds: 300 });
      const { isSet, interactionTypes } = dataset;
      const rows = { items: dataset.items(), interactions: dataset.interactions() };
      const data = { isSet, interactionTypes, ...rows };
      await new ImportsRepository(database).importAll(catalog, data, { createsCatalog: true });
    } finally {
      await sources.dispose();
      await database.close();
    }
    await waitFor('the catalog', async () => (await service.get(`/v1/catalogs/${catalog}`)).status === 200);
    const started = serviceAt(service.url, null);
    await trainFirstModel(started, catalog);
    const { body } = await service.get(`/v1/catalogs/${catalog}/users`);
    const users = body.items.map(({ userId }: { userId: string }) => userId);
    const printed = await firstAnswers(started, users, catalog);
    const answers = [...printed.matchAll(/^# (.*)\n(curl .*)\n(\{.*\})$/gm)];
    expect(answers).toHaveLength(3);
    for (const [, label, command, answer] of answers) {
      const { items } = JSON.parse(answer!) as { readonly items: readonly unknown[] };
      expect([label, items.length > 0]).toEqual([label, !label!.includes('(an empty list: ')]);
      expect(command).toContain(`/v1/catalogs/${catalog}/`);
    }
    expect(answers[0]![3]).not.toContain('"items":[]');
  });
});
