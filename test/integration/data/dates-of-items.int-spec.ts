import { ItemsRepository, SchedulesRepository } from '#data';
import { SCHEDULE, TestData } from './testing/test-data.js';

const DETAILS = { title: null, tags: [], metadata: {}, available: true };
const AHEAD = "now() + interval '1 hour'";

describe('dates of items and schedules', () => {
  const data = TestData.ofEachTest();
  const items = () => new ItemsRepository(data.database);

  const record = (...itemIds: string[]) =>
    data.interactions.record(
      'default',
      itemIds.map((itemId) => ({ userId: 'a', itemId, type: 'view', weight: 1, occurredAt: new Date(0) })),
    );
  const wrong = async (table = 'items') =>
    (await data.server.query(`SELECT * FROM ${table} WHERE updated_at < created_at`)).rows;
  const created = async () =>
    (await data.server.query('SELECT external_id FROM items WHERE updated_at = created_at ORDER BY item_key'))
      .rows;

  it('say of a new item that it was changed when it was created, by whatever it came', async () => {
    const details = Array.from({ length: 300 }, (_, n) => ({ itemId: `many-${n}`, ...DETAILS }));
    await items().putMany('default', details);
    await items().put('default', { itemId: 'one', ...DETAILS });
    await record('recorded', 'many-0');
    expect(await wrong()).toEqual([]);
    expect(await created()).toHaveLength(302);
    const { rows } = await data.server.query(
      'SELECT min(item_key), max(item_key), count(DISTINCT item_key) FROM items',
    );
    expect(rows[0]).toEqual({ min: 0, max: 301, count: '302' });
    expect(await items().load('default', 'many-7')).toMatchObject({ itemKey: 7, ...DETAILS });
  });

  it('never go back, where a clock was ahead or a transaction began long before', async () => {
    await items().put('default', { itemId: 'one', ...DETAILS });
    await record('two');
    await data.server.query(`UPDATE items SET created_at = ${AHEAD}, updated_at = ${AHEAD}`);
    await items().putMany('default', [{ itemId: 'one', ...DETAILS, title: 'One' }]);
    await items().delete('default', 'two');
    await items().put('default', { itemId: 'two', ...DETAILS });
    expect(await wrong()).toEqual([]);
    const schedules = new SchedulesRepository(data.database);
    await schedules.put(SCHEDULE);
    await data.server.query(`UPDATE schedules SET created_at = ${AHEAD}, updated_at = ${AHEAD}`);
    await schedules.put(SCHEDULE);
    expect(await wrong('schedules')).toEqual([]);
  });
});
