import { ChangeFeed, RowsAheadRepository, type Change } from '#data';
import { waitFor } from '../../support/processes.js';
import { TestData } from './testing/test-data.js';

const HOUR_MS = 3_600_000;
const TOLERANCE_SECONDS = 300;
/** Has a quote, as a name of an older version may have. */
const SHOP = "mum's shop";

describe('rows that are ahead of the clock', () => {
  const data = TestData.ofEachTest();
  const rowsAhead = () => new RowsAheadRepository(data.database);

  beforeEach(async () => {
    await data.server.query('INSERT INTO catalogs (id) VALUES ($1)', [SHOP]);
  });

  const record = (catalogId: string, rows: readonly [string, string, number][]) =>
    data.interactions.record(
      catalogId,
      rows.map(([userId, itemId, hours]) => ({
        userId,
        itemId,
        type: 'view',
        weight: 1,
        occurredAt: new Date(Date.now() + hours * HOUR_MS),
      })),
      { beforeCommit: () => Promise.resolve(true) },
    );
  const itemsOf = async (catalogId: string, userId: string) =>
    (
      await data.server.query(
        `SELECT i.external_id AS item FROM interactions n JOIN items i USING (catalog_id, item_key)
          JOIN users u USING (catalog_id, user_key) WHERE catalog_id = $1 AND u.external_id = $2 ORDER BY occurred_at`,
        [catalogId, userId],
      )
    ).rows.map(({ item }) => item as string);

  it('are counted for each catalog, those within the tolerance not among them', async () => {
    await record('default', [
      ['a', 'past', -1],
      ['a', 'soon', 0.05],
    ]);
    expect(await rowsAhead().find(TOLERANCE_SECONDS)).toEqual([]);
    await record(SHOP, [
      ['a', 'tomorrow', 24],
      ['b', 'late', 1],
      ['b', 'past', -1],
    ]);
    expect(await rowsAhead().find(TOLERANCE_SECONDS)).toEqual([
      { catalogId: SHOP, rows: 2, statement: expect.stringContaining("= 'mum''s shop'") },
    ]);
  });

  it('are mended by the statement: dated now in their order, none lost, the other catalogs as they are', async () => {
    const rows: [string, string, number][] = [
      ['a', 'first', -1],
      ['a', 'second', 3],
      ['a', 'second', 4],
      ['a', 'third', 24],
      ['b', 'first', 2],
    ];
    await record(SHOP, rows);
    await record('default', rows);
    const found = await rowsAhead().find(TOLERANCE_SECONDS);
    expect(found.map(({ catalogId }) => catalogId)).toEqual(['default', SHOP]);
    await data.server.query(found[1]!.statement);
    expect((await rowsAhead().find(TOLERANCE_SECONDS)).map(({ catalogId }) => catalogId)).toEqual([
      'default',
    ]);
    expect(await itemsOf(SHOP, 'a')).toEqual(['first', 'second', 'second', 'third']);
    expect(await itemsOf(SHOP, 'b')).toEqual(['first']);
    expect(await rowsAhead().find(0)).toMatchObject([{ catalogId: 'default', rows: 4 }]);
  });

  it('have their cached users given up by the statement, and every process is told', async () => {
    await record('default', [['a', 'tomorrow', 24]]);
    const told: Change[] = [];
    const feed = new ChangeFeed(data.database);
    feed.subscribe({ onChange: (change) => told.push(change), onResync: () => undefined });
    await feed.start();
    await data.server.query((await rowsAhead().find(TOLERANCE_SECONDS))[0]!.statement);
    await waitFor('the notification', () => told.length > 0);
    await feed.close();
    const change = { kind: 'cache-epoch-changed', catalogId: 'default', cacheEpoch: 1 };
    expect(told).toEqual([change]);
    expect(
      (await data.server.query('SELECT change FROM catalog_changes ORDER BY id DESC LIMIT 1')).rows,
    ).toEqual([{ change }]);
    expect((await data.server.query(`SELECT cache_epoch FROM catalogs WHERE id = 'default'`)).rows).toEqual([
      { cache_epoch: 1 },
    ]);
  });

  it('are found by an index, which reads no more of a table without them than its last pages', async () => {
    await data.server
      .query(`INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
      SELECT 'default', n / 100, n % 100, 1, '2020-01-01', 1 FROM generate_series(1, 100000) n`);
    await data.server.query('VACUUM ANALYZE interactions');
    const explained = await data.server.query(
      `EXPLAIN (ANALYZE, FORMAT JSON) SELECT catalog_id FROM interactions WHERE occurred_at > now()`,
    );
    const scan = explained.rows[0]['QUERY PLAN'][0].Plan;
    expect(scan.Plans[0]).toMatchObject({ 'Index Name': 'interactions_occurred_at_idx' });
    const { rows } = await data.server.query(`SELECT pg_relation_size('interactions') / 8192 AS pages`);
    const pagesOfLastRange = Number(rows[0].pages) % 128;
    expect([scan['Lossy Heap Blocks'], scan['Exact Heap Blocks']]).toEqual([pagesOfLastRange, 0]);
  });
});
