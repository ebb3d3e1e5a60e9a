import { CatalogsRepository, ImportsRepository, type CheckedImport } from '#data';
import type { OnInvalid, UnknownItems } from '#domain';
import { waitFor } from '../../support/processes.js';
import { TestData } from './testing/test-data.js';

describe('unknown items while the setting of the catalog changes', () => {
  const data = TestData.ofEachTest();

  beforeEach(async () => {
    await record(['known']);
  });
  const record = (itemIds: readonly string[], userId = 'ada', onInvalid?: OnInvalid) =>
    data.interactions.record(
      'default',
      itemIds.map((itemId) => ({ userId, itemId, type: 'view', weight: 1, occurredAt: new Date(0) })),
      { beforeCommit: () => Promise.resolve(true), onInvalid },
    );
  const isWaiting = async () =>
    (
      await data.server.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      )
    ).rows.length > 0;

  /** Sends a batch that reads the setting before a change, and locks the catalog after it. */
  async function recordDuring(unknownItems: UnknownItems, onInvalid?: OnInvalid) {
    const changing = await data.database.pool.connect();
    try {
      await changing.query('BEGIN');
      await changing.query('UPDATE catalogs SET unknown_items = $1', [unknownItems]);
      const batch = record(['known', 'x'], 'bob', onInvalid).catch((error: unknown) => error);
      await waitFor('the batch at the lock of the catalog', isWaiting);
      await changing.query('COMMIT');
      return await batch;
    } finally {
      changing.release();
    }
  }
  const counts = async () => {
    const { userCount, itemCount } = await new CatalogsRepository(data.database).load('default');
    return [userCount, itemCount];
  };

  it('refuses a batch whole that waited for the change to refuse', async () => {
    expect(await recordDuring('refuse')).toMatchObject({
      code: 'unknown-items',
      errors: [{ pointer: '#/interactions/1/itemId' }],
    });
    expect(await counts()).toEqual([1, 1]);
  });

  it('leaves the rows out of a batch that waited for the change to refuse', async () => {
    expect(await recordDuring('refuse', 'skip')).toMatchObject({
      stored: 1,
      duplicates: 0,
      refused: { count: 1, rows: [{ row: 1 }] },
    });
    expect(await counts()).toEqual([2, 1]);
  });

  it('answers what it stored where rows were left out before the change to create', async () => {
    await new CatalogsRepository(data.database).create('default', { unknownItems: 'refuse' });
    expect(await recordDuring('create', 'skip')).toMatchObject({
      stored: 1,
      duplicates: 0,
      refused: { count: 1, rows: [{ row: 1 }] },
    });
    expect(await counts()).toEqual([2, 1]);
  });

  it('is told of an import that is only checked, by the settings and the items that come with it', async () => {
    await new CatalogsRepository(data.database).create('default', { unknownItems: 'refuse' });
    const row = (itemId: string) => ({ userId: 'bob', itemId, type: 'buy', weight: 1, occurredAt: null });
    const imports = new ImportsRepository(data.database);
    const check = (bringing: Partial<CheckedImport> = {}, onInvalid?: OnInvalid) => {
      const interactions = inChunks([row('known'), row('x')], [row('x'), row('y')]);
      const types = { interactionTypes: [{ name: 'buy' }] };
      return imports.check(
        'default',
        { ...types, items: inChunks(), interactions, ...bringing },
        { onInvalid },
      );
    };
    await expect(check()).rejects.toMatchObject({
      code: 'unknown-items',
      errors: [1, 2, 3].map((n) => ({ pointer: `#/rows/${n}/itemId` })),
    });
    const items = inChunks([{ itemId: 'x', title: null, tags: [], metadata: {}, available: true }]);
    const refused = await check({ items }, 'skip');
    expect([refused.count, refused.rows.map(({ row: number }) => number)]).toEqual([1, [3]]);
    const settings = { interactionTypes: [], schedules: [] };
    const creating = await check({ settings: { ...settings, unknownItems: 'create' } });
    expect(creating.count).toBe(0);
    const buy = { name: 'buy', trainingWeight: 1, halfLifeDays: null, positive: false, excludesSeen: true };
    const types = [{ ...buy, repeatAfterDays: null, repeats: 'max' as const }];
    const interactionTypes = [{ name: 'buy', positive: true }];
    const conflicting = { interactionTypes, settings: { ...settings, interactionTypes: types } };
    await expect(check(conflicting)).rejects.toMatchObject({ code: 'interaction-type-conflict' });
    expect(await counts()).toEqual([1, 1]);
  });
});

async function* inChunks<Entry>(...chunks: readonly (readonly Entry[])[]): AsyncGenerator<readonly Entry[]> {
  yield* chunks;
  await Promise.resolve();
}
