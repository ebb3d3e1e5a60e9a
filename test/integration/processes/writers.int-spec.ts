import { TestService, twoTastes, type AnotherApi } from '../../support/api.js';
import { describeOnBackends } from '../../support/redis.js';

const WRITERS = 12;
const CALLS = 25;
const CATALOG = '/v1/catalogs/default';
const SCHEDULE = { cron: '0 3 * * *', timeZone: 'UTC', model: 'popularity', enabled: false };
const HEADER = 'userId,itemId,type,occurredAt';

type Call = readonly [method: string, path: string, body?: unknown];

/** All kinds of calls that write, on few users and items, so that they meet. */
const CALLS_OF_WRITER: readonly ((n: number) => Call)[] = [
  (n) => ['POST', 'interactions', { interactions: batch(n) }],
  (n) => ['POST', 'interactions', { interactions: batch(n).reverse() }],
  (n) => ['POST', 'interactions/import', csv(n)],
  (n) => ['DELETE', `items/item-${n % 24}`],
  (n) => ['PUT', `items/item-${(n * 5) % 24}`, { title: `Title ${n}` }],
  (n) => ['POST', 'items', { items: [n % 24, (n * 7) % 24, n].map((item) => ({ itemId: `item-${item}` })) }],
  (n) => ['PUT', 'interaction-types/view', { trainingWeight: 1 + (n % 3) }],
  () => ['PUT', ''],
  () => ['POST', 'training-runs', { model: 'popularity' }],
  (n) => [n % 3 === 0 ? 'DELETE' : 'PUT', `schedules/nightly-${n % 2}`, n % 3 === 0 ? undefined : SCHEDULE],
  () => ['POST', 'models/MODEL/activate'],
  (n) => ['DELETE', `items/item-${(n * 11) % 24}`],
];

function batch(n: number) {
  return Array.from({ length: 12 }, (_, place) => ({
    userId: `user-${(n + 3 * place) % (n % 5 === 0 ? 90 : 40)}`,
    itemId: `item-${(n * 3 + place) % (n % 4 === 0 ? 60 : 24)}`,
    type: place % 2 === 0 ? 'view' : `type-${n % 9}`,
    occurredAt: `2026-02-01T00:00:${String(n % 60).padStart(2, '0')}Z`,
  }));
}

function csv(n: number): string {
  const rows = batch(n + 7).map((row) => [row.userId, row.itemId, row.type, row.occurredAt].join(','));
  return [HEADER, ...rows, ''].join('\n');
}

describeOnBackends('twelve writers of one catalog', ({ redis }) => {
  let service: TestService;
  const apis: AnotherApi[] = [];

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train({ model: 'popularity' });
    apis.push(await service.startAnotherApi());
  });
  afterAll(async () => {
    for (const api of apis) await api.process.kill('SIGTERM');
    await service.stop();
  });

  const send = async (url: string, [method, path, body]: Call): Promise<string> => {
    const isText = typeof body === 'string';
    const response = await fetch(`${url}${CATALOG}${path && `/${path}`}`, {
      method,
      ...(body !== undefined && {
        body: isText ? body : JSON.stringify(body),
        headers: { 'content-type': isText ? 'text/csv' : 'application/json' },
      }),
    });
    const text = await response.text();
    return response.status < 500 ? String(response.status) : `${method} ${path} ${text}`;
  };

  /** @returns how often each status was answered; of failures the whole answer */
  const writeAtOnce = async (): Promise<Map<string, number>> => {
    const { modelId } = (await service.get('popular?k=1')).body;
    const urls = [service.url, ...apis.map(({ url }) => url)];
    const answers = new Map<string, number>();
    const write = async (writer: number) => {
      for (let n = 0; n < CALLS; n++) {
        const callOf = CALLS_OF_WRITER[(writer + n * (writer % 2)) % CALLS_OF_WRITER.length]!;
        const [method, path, body] = callOf(writer * CALLS + n);
        const call: Call = [method, path.replace('MODEL', modelId), body];
        const answer = await send(urls[(writer + n) % urls.length]!, call);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    return answers;
  };

  const countOf = async (table: string, condition: string) =>
    Number((await service.database.query(`SELECT count(*) FROM ${table} WHERE ${condition}`)).rows[0].count);
  const DELETED = 'item_key IN (SELECT item_key FROM items WHERE deleted_at IS NOT NULL)';

  it('get no answer of 5xx, at two processes, and leave every row in its place', async () => {
    const answers = await writeAtOnce();
    expect([...answers.keys()].filter((answer) => answer.length > 3)).toEqual([]);
    expect([...answers.values()].reduce((sum, count) => sum + count)).toBe(WRITERS * CALLS);
    for (const status of ['200', '201', '202', '204', '404']) expect(answers.get(status)).toBeGreaterThan(0);
    expect(await countOf('interactions', DELETED)).toBe(0);
    expect(await countOf('late_interactions', `NOT ${DELETED}`)).toBe(0);
  });

  it('meet in no deadlock, so that none has to begin again', async () => {
    const { rows } = await service.database.query(
      'SELECT pg_stat_force_next_flush(), deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(rows[0].deadlocks).toBe(0);
  });

  if (redis)
    it('get no answer of 5xx while Redis is away, either', async () => {
      await service.redis!.stop();
      const answers = await writeAtOnce();
      expect([...answers.keys()].filter((answer) => answer.length > 3)).toEqual([]);
    });
});
