import { Database, InteractionsRepository, ItemsRepository, SchedulesRepository } from '#data';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const DETAILS = { title: null, tags: [], metadata: {}, available: true };
const AHEAD = "now() + interval '1 hour'";

describe('dates of items and schedules', () => {
  let server: TestDatabase;
  let database: Database;
  let items: ItemsRepository;

  beforeEach(async () => {
    server = await createTestDatabase();
    database = Database.connect(server.url);
    items = new ItemsRepository(database);
  });
  afterEach(async () => {
    await database.close();
    await server.drop();
  });

  const record = (...itemIds: string[]) =>
    new InteractionsRepository(database).record(
      'default',
      itemIds.map((itemId) => ({ userId: 'a', itemId, type: 'view', weight: 1, occurredAt: new Date(0) })),
    );
  const wrong = async (table = 'items') =>
    (await server.query(`SELECT * FROM ${table} WHERE updated_at < created_at`)).rows;
  const created = async () =>
    (await server.query('SELECT external_id FROM items WHERE updated_at = created_at ORDER BY item_key'))
      .rows;

  it('say of a new item that it was changed when it was created, by whatever it came', async () => {
    const details = Array.from({ length: 300 }, (_, n) => ({ itemId: `many-${n}`, ...DETAILS }));
    await items.putMany('default', details);
    await items.put('default', { itemId: 'one', ...DETAILS });
    await record('recorded', 'many-0');
    expect(await wrong()).toEqual([]);
    expect(await created()).toHaveLength(302);
    const { rows } = await server.query(
      'SELECT min(item_key), max(item_key), count(DISTINCT item_key) FROM items',
    );
    expect(rows[0]).toEqual({ min: 0, max: 301, count: '302' });
    expect(await items.load('default', 'many-7')).toMatchObject({ itemKey: 7, ...DETAILS });
  });

  it('never go back, where a clock was ahead or a transaction began long before', async () => {
    await items.put('default', { itemId: 'one', ...DETAILS });
    await record('two');
    await server.query(`UPDATE items SET created_at = ${AHEAD}, updated_at = ${AHEAD}`);
    await items.putMany('default', [{ itemId: 'one', ...DETAILS, title: 'One' }]);
    await items.delete('default', 'two');
    await items.put('default', { itemId: 'two', ...DETAILS });
    expect(await wrong()).toEqual([]);
    const schedules = new SchedulesRepository(database);
    const schedule = {
      catalogId: 'default',
      name: 'nightly',
      cron: '0 3 * * *',
      timeZone: 'UTC',
      kind: 'ease',
      parameters: {},
      gate: null,
      enabled: true,
      missed: 'run-once' as const,
    };
    await schedules.put(schedule);
    await server.query(`UPDATE schedules SET created_at = ${AHEAD}, updated_at = ${AHEAD}`);
    await schedules.put(schedule);
    expect(await wrong('schedules')).toEqual([]);
  });
});
