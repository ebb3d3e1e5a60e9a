import { TestService, twoTastes } from '../../../test/support/api.js';
import { expectRefused, type RefusedCall } from './testing/refused-calls.js';

const good = { userId: 'u', itemId: 'i' };
const LONG_NAME = 'n'.repeat(129);
const lists = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;

describe('what the API refuses', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({
      redis: false,
      env: { BODY_LIMIT_MB: '2', IMPORT_LIMIT_MB: '4', TRAINING_MEMORY_MB: '64' },
    });
  });
  afterAll(() => service.stop());

  const count = async (table = 'interactions') =>
    Number((await service.database.query(`SELECT count(*) FROM ${table}`)).rows[0].count);

  it.each<[string, unknown, string]>([
    ['a number as id', { ...good, userId: 1 }, 'userId'],
    ['an empty id', { ...good, itemId: '' }, 'itemId'],
    ['an id of 600 characters', { ...good, itemId: 'x'.repeat(600) }, 'itemId'],
    ['an id with NUL', { ...good, itemId: 'a\0b' }, 'itemId'],
    ['an unknown field', { ...good, rating: 5 }, 'rating'],
    ['NaN, which JSON writes as null', { ...good, weight: Number.NaN }, 'weight'],
    ['a negative weight', { ...good, weight: -1 }, 'weight'],
    ['a weight of 0', { ...good, weight: 0 }, 'weight'],
    ['a date in year 99999', { ...good, occurredAt: '99999-01-01T00:00:00Z' }, 'occurredAt'],
    ['a date that is none', { ...good, occurredAt: 'yesterday' }, 'occurredAt'],
  ])('%s: 422 that names the field, nothing stored', async (_, interaction, field) => {
    const before = await count();
    const { status, body } = await service.send('POST', 'interactions', {
      interactions: [good, interaction],
    });
    expect(status).toBe(422);
    expect(body.type).toBe('/problems/validation-failed');
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toContain(
      `#/interactions/1/${field}`,
    );
    expect(await count()).toBe(before);
  });

  it.each<RefusedCall>([
    [
      '10,001 interactions',
      'POST interactions',
      { interactions: Array(10_001).fill(good) },
      '#/interactions',
    ],
    ['no interactions', 'POST interactions', { interactions: [] }, '#/interactions'],
    ...(
      [
        ['a training weight of 0', { trainingWeight: 0 }, 'trainingWeight'],
        ['a negative half-life', { halfLifeDays: -1 }, 'halfLifeDays'],
        ['a sign that is no boolean', { positive: 'no' }, 'positive'],
        ['no days until a repeat', { repeatAfterDays: 0 }, 'repeatAfterDays'],
        ['a text in place of excludesSeen', { excludesSeen: 'no' }, 'excludesSeen'],
        ['a rule for repeats that there is not', { repeats: 'mean' }, 'repeats'],
        ['an unknown setting', { decay: 1 }, 'decay'],
      ] as const
    ).map(([what, body, field]): RefusedCall => [what, 'PUT interaction-types/view', body, `#/${field}`]),
    ['a type name of 65 characters', `PUT interaction-types/${'x'.repeat(65)}`, {}, '#/name'],
    ['a cron that does not parse', 'PUT schedules/s', { cron: 'at noon', model: 'ease' }, '#/cron'],
    ['a cron with H, a random time', 'PUT schedules/s', { cron: 'H 3 * * *', model: 'ease' }, '#/cron'],
    ['a cron that never happens', 'PUT schedules/s', { cron: '0 0 30 2 *', model: 'ease' }, '#/cron'],
    [
      'a word for missed ticks',
      'PUT schedules/s',
      { cron: '* * * * *', model: 'ease', missed: 'all' },
      '#/missed',
    ],
    ['a cron out of range', 'PUT schedules/s', { cron: '61 * * * *', model: 'ease' }, '#/cron'],
    [
      'a time zone that is none',
      'PUT schedules/s',
      { cron: '* * * * *', timeZone: 'Mars/Base', model: 'ease' },
      '#/timeZone',
    ],
    ['a schedule name with a space', 'PUT schedules/a%20b', { cron: '* * * * *', model: 'ease' }, '#/name'],
    ['a model that is none', 'POST training-runs', { model: 'magic' }, '#/model'],
    [
      'a parameter out of range',
      'POST training-runs',
      { model: 'ease', parameters: { regularization: -1 } },
      '#/parameters/regularization',
    ],
    [
      'a parameter that is none',
      'PUT schedules/s',
      { cron: '* * * * *', model: 'ease', parameters: { lambda: 1 } },
      '#/parameters/lambda',
    ],
    [
      'a wish for a leaderboard in words',
      'POST training-runs',
      { model: 'ease', leaderboard: 'yes' },
      '#/leaderboard',
    ],
    [
      'a gate without a condition',
      'PUT schedules/s',
      { cron: '* * * * *', model: 'ease', gate: { metric: 'ndcg@20' } },
      '#/gate',
    ],
    [
      'a gate against what is not there',
      'PUT schedules/s',
      { cron: '* * * * *', model: 'ease', gate: { metric: 'ndcg@20', mustBeBestOf: 'all' } },
      '#/gate/mustBeBestOf',
    ],
    ['a title of 2,000 characters', 'PUT items/x', { title: 'x'.repeat(2_000) }, '#/title'],
    ['metadata of 20,000 bytes', 'PUT items/x', { metadata: { a: 'x'.repeat(20_000) } }, '#/metadata'],
    [
      'metadata of 9,000 letters of two bytes',
      'PUT items/x',
      { metadata: { a: 'é'.repeat(9_000) } },
      '#/metadata',
    ],
    ['metadata of 4,000 lists', 'PUT items/x', { metadata: { a: lists(4_000) } }, '#/metadata'],
    ['metadata of 33 levels', 'PUT items/x', { metadata: { a: lists(32) } }, '#/metadata'],
    ['a patch of 4,000 lists', 'PATCH items/x', { metadata: { a: lists(4_000) } }, '#/metadata'],
    ['a long name in metadata', 'PUT items/x', { metadata: { [LONG_NAME]: 1 } }, `#/metadata/${LONG_NAME}`],
    [
      'a long name of a parameter',
      'POST training-runs',
      { model: 'ease', parameters: { [LONG_NAME]: 1 } },
      `#/parameters/${LONG_NAME}`,
    ],
    ['metadata with NUL', 'PUT items/x', { metadata: { a: '\0' } }, '#/metadata'],
    ['a catalog name with capitals', 'PUT /v1/catalogs/Shop', undefined, '#/catalog'],
  ])('%s: 422 that names the field', async (...call) => {
    await expectRefused(service, call);
  });

  it.each<[string, string, string, string]>([
    ['/v1/catalogs/nope/popular', 'GET', 'catalog-not-found', 'nope'],
    ['/v1/catalogs/nope/items', 'GET', 'catalog-not-found', 'nope'],
    ['/v1/catalogs/nope/models', 'GET', 'catalog-not-found', 'nope'],
    ['/v1/catalogs/nope/schedules', 'GET', 'catalog-not-found', 'nope'],
    ['/v1/catalogs/nope/training-runs', 'GET', 'catalog-not-found', 'nope'],
    ['items/missing', 'GET', 'item-not-found', 'missing'],
    ['items/missing', 'DELETE', 'item-not-found', 'missing'],
    ['items/missing/similar', 'GET', 'item-not-found', 'missing'],
    ['training-runs/missing', 'GET', 'training-run-not-found', 'missing'],
    ['training-runs/missing/events', 'GET', 'training-run-not-found', 'missing'],
    ['training-runs/missing', 'DELETE', 'training-run-not-found', 'missing'],
    ['models/missing', 'GET', 'model-not-found', 'missing'],
    ['models/missing/activate', 'POST', 'model-not-found', 'missing'],
    ['schedules/missing', 'GET', 'schedule-not-found', 'missing'],
    ['/nowhere', 'GET', 'route-not-found', '/nowhere'],
  ])('%s by %s: 404 that names it', async (path, method, code, name) => {
    const { status, body } = await service.send(method, path);
    expect([status, body.type]).toEqual([404, `/problems/${code}`]);
    expect(body.detail).toContain(name);
  });

  it('a body that is no JSON: 400, a type that is none: 415, too much of it: 413', async () => {
    const before = await count();
    expect((await service.send('POST', 'interactions', '{"interactions":[')).status).toBe(400);
    expect((await service.send('POST', 'interactions', '<a/>', 'text/xml')).status).toBe(415);
    expect((await service.send('POST', 'interactions/import', '<a/>', 'text/xml')).status).toBe(415);
    const object = await service.send('POST', 'interactions/import', '{}');
    expect([object.status, object.body.type]).toEqual([422, '/problems/import-source-invalid']);
    expect(
      (
        await service.send('POST', 'interactions', {
          interactions: [{ ...good, type: 'x'.repeat(3_000_000) }],
        })
      ).status,
    ).toBe(413);
    const rows = 'userId,itemId\n' + 'user,item\n'.repeat(600_000);
    expect((await service.send('POST', 'interactions/import', rows, 'text/csv')).status).toBe(413);
    expect(await count()).toBe(before);
  });

  it.each(['{"metadata": {"__proto__": 1}}', '{"metadata": {"constructor": {"prototype": {}}}}'])(
    'a field with a reserved name: 400 that says so of %s, nothing stored',
    async (text) => {
      const { status, body } = await service.send('PUT', 'items/reserved', text);
      expect([status, body.type]).toEqual([400, '/problems/malformed-body']);
      expect(body.detail).toContain('`__proto__`');
      expect((await service.get('items/reserved')).status).toBe(404);
    },
  );

  it('an import whose row 70,000 is broken: its number and the reason, nothing stored', async () => {
    const before = [await count(), await count('users')];
    const rows = Array.from({ length: 80_000 }, (_, n) => (n + 2 === 70_000 ? 'user,' : `u${n % 100},i${n}`));
    const { status, body } = await service.send(
      'POST',
      'interactions/import',
      `userId,itemId\n${rows.join('\n')}\n`,
      'text/csv',
    );
    expect([status, body.type, body.row]).toEqual([422, '/problems/import-row-invalid', 70_000]);
    expect(body.reason).toContain('itemId');
    expect([await count(), await count('users')]).toEqual(before);
  });

  it('a run on no data, and one that does not fit the memory budget: refused with the reason', async () => {
    expect(await service.train()).toMatchObject({ status: 'failed', error: { code: 'no-training-data' } });
    const rows = Array.from({ length: 6_000 }, (_, n) => `u${n % 50},i${n}`).join('\n');
    await service.send('POST', 'interactions/import', `userId,itemId\n${rows}\n`, 'text/csv');
    const run = await service.train();
    expect(run).toMatchObject({ status: 'failed', error: { code: 'memory-budget-exceeded' } });
    expect(run.error.detail).toMatch(/\d+ bytes .* 6000 items .* 67108864 bytes/);
    await service.send('POST', 'interactions', { interactions: twoTastes(2) });
  });
});
