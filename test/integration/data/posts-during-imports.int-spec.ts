import pg from 'pg';
import {
  Database,
  ImportsRepository,
  InteractionsRepository,
  InteractionTypesRepository,
  ItemsRepository,
} from '#data';
import { LIMITS, type DatedInteraction, type Interaction } from '#domain';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/processes.js';

const AT = new Date('2026-01-01T00:00:00.000Z');
const HELD = 42;
const HELD_ROWS = 1_000;
/** Holds an import open after its rows are in: whoever has inserted so many waits for the test. */
const HOLD_IMPORTS = `CREATE FUNCTION hold_import() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM fresh) > ${HELD_ROWS} THEN PERFORM pg_advisory_xact_lock(${HELD}); END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER hold_import AFTER INSERT ON interactions REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION hold_import()`;

const row = (userId: string, itemId: string, type = 'view'): DatedInteraction => ({
  ...{ userId, itemId, type, weight: 1, occurredAt: AT },
});

/** Of users, items and a type that are known, and of new ones. */
const IMPORTED = Array.from({ length: LIMITS.interactionsPerRequest + 1 }, (_, n) =>
  row(
    n % 2 === 0 ? `known-${n % 10}` : `new-${n % 100}`,
    n % 3 === 0 ? `item-${n % 5}` : `new-item-${n}`,
    n % 7 === 0 ? `new-type-${n % 2}` : 'view',
  ),
);
const DISTINCT = new Set(IMPORTED.map(({ userId, itemId, type }) => `${userId} ${itemId} ${type}`)).size;

async function* importedRows(): AsyncGenerator<readonly Interaction[]> {
  yield IMPORTED;
  await Promise.resolve();
}

describe('while an import is being stored', () => {
  let server: TestDatabase;
  let database: Database;
  let holder: pg.Client;
  let posts: InteractionsRepository;
  let items: ItemsRepository;
  let imported: Promise<{ readonly stored: number }>;

  const importRows = () =>
    new ImportsRepository(database).importAll('default', { interactions: importedRows() });
  const release = () => holder.query('SELECT pg_advisory_unlock_all()');

  beforeEach(async () => {
    server = await createTestDatabase();
    database = Database.connect(server.url);
    [posts, items] = [new InteractionsRepository(database), new ItemsRepository(database)];
    const known = Array.from({ length: 10 }, (_, n) => row(`known-${n}`, `item-${n % 5}`, 'buy'));
    await posts.record('default', [...known, row('known-0', 'viewed')]);
    await server.query(HOLD_IMPORTS);
    holder = new pg.Client({ connectionString: server.url });
    await holder.connect();
    await holder.query(`SELECT pg_advisory_lock(${HELD})`);
    imported = importRows();
    imported.catch(() => undefined);
    await waitFor('the import to be held', async () => {
      const { rows } = await server.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${HELD} AND NOT granted`,
      );
      return rows.length > 0;
    });
  });
  afterEach(async () => {
    await holder.end();
    await imported.catch(() => undefined);
    await database.close();
    await server.drop();
  });

  const isStillHeld = async () => {
    const { rows } = await server.query('SELECT count(*)::int AS count FROM interactions');
    expect(rows[0].count).toBeLessThan(HELD_ROWS);
  };

  it('posts of known users and items are stored, whether the import brings them or not', async () => {
    expect(await posts.record('default', [row('known-2', 'item-1', 'play')])).toMatchObject({ stored: 1 });
    expect(await posts.record('default', [row('known-9', 'item-4', 'buy')])).toMatchObject({ duplicates: 1 });
    await isStillHeld();
    await release();
    expect((await imported).stored).toBe(DISTINCT);
  });

  it('posts of other new users, items and types are stored, and settings and items change', async () => {
    expect(await posts.record('default', [row('other', 'other-item', 'wish')])).toMatchObject({ stored: 1 });
    const put = { title: 'One', tags: [], metadata: {}, available: false };
    await items.put('default', { itemId: 'item-1', ...put });
    await items.put('default', { itemId: 'another-item', ...put });
    await new InteractionTypesRepository(database).put('default', {
      ...{ name: 'buy', trainingWeight: 2, halfLifeDays: null, positive: true },
      ...{ excludesSeen: true, repeatAfterDays: null, repeats: 'max' },
    });
    await posts.record('default', [row('known-1', 'item-1', 'hear'), row('known-1', 'item-1', 'read')]);
    await isStillHeld();
    await release();
    await imported;
    const types = await server.query('SELECT name FROM interaction_types ORDER BY name');
    expect(types.rows.map(({ name }) => name)).toEqual([
      'buy',
      'hear',
      'new-type-0',
      'new-type-1',
      'read',
      'view',
      'wish',
    ]);
    const { rows } = await server.query(
      'SELECT count(DISTINCT user_key)::int AS keys, count(*)::int AS users, (SELECT user_rows FROM catalogs) AS counted FROM users',
    );
    expect(rows).toEqual([{ keys: 61, users: 61, counted: 61 }]);
    const { revision } = await items.findServedSince('default', 0);
    const newest = (await items.findServedSince('default', revision - 1)).changed;
    expect(newest.some(({ itemId }) => itemId.startsWith('new-item-'))).toBe(true);
  });

  it('a post of a user, an item or a type that the import is making is told so, and holds up nobody', async () => {
    const told = {
      code: 'write-conflict',
      message: expect.stringMatching(/^Another call, such as an import, is storing/),
      retryAfterSeconds: 5,
    };
    const waiting = [
      posts.record('default', [row('new-1', 'item-1')]),
      posts.record('default', [row('one', 'new-item-1')]),
      posts.record('default', [row('known-1', 'item-1', 'new-type-0')]),
      items.put('default', { itemId: 'new-item-1', title: null, tags: [], metadata: {}, available: true }),
    ].map((post) => expect(post).rejects.toMatchObject(told));
    for (let n = 0; n < 5; n++)
      expect(await posts.record('default', [row(`other-${n}`, 'item-1')])).toMatchObject({ stored: 1 });
    await Promise.all(waiting);
    await isStillHeld();
    await release();
    await imported;
    expect(await posts.record('default', [row('new-1', 'item-1', 'play')])).toMatchObject({ stored: 1 });
  });

  it('posts that make as many types as a catalog may have refuse those of the import', async () => {
    const known = 2;
    for (let n = known; n < LIMITS.interactionTypesPerCatalog; n++)
      await posts.record('default', [row('known-1', 'item-1', `type-${n}`)]);
    await isStillHeld();
    await release();
    await expect(imported).rejects.toMatchObject({ code: 'too-many-interaction-types' });
    const { rows } = await server.query('SELECT count(*)::int AS count FROM interaction_types');
    expect(rows).toEqual([{ count: LIMITS.interactionTypesPerCatalog }]);
  });

  it('another import of the same rows waits for it, and stores nothing', async () => {
    const second = importRows();
    await waitFor('the second to wait', async () => {
      const { rows } = await server.query(
        `SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted`,
      );
      return rows.length > 0;
    });
    await release();
    expect(await imported).toMatchObject({ stored: DISTINCT });
    expect(await second).toMatchObject({ stored: 0, duplicates: IMPORTED.length });
  });
});
