import { PassThrough } from 'node:stream';
import {
  ConsentsRepository,
  Database,
  ExportsRepository,
  ImportsRepository,
  InteractionsRepository,
  ItemSearchRepository,
  ItemsRepository,
  PersonExportsRepository,
  PopularItemsRepository,
  SimilarUsersRepository,
  SnapshotReader,
  StoredInteractionsRepository,
  UserBlockReader,
  UsersRepository,
} from '#data';
import { waitFor } from '../../support/processes.js';
import { interaction, TestData } from './testing/test-data.js';

const [USERS, ITEMS, ITEMS_PER_USER] = [3_000, 1_000, 3];
/** Rows and entries of indexes that anything may read: some for each stored row, far from each with each. */
const MOST_READS = 30 * USERS * ITEMS_PER_USER;
/** What is asked of one user or item. */
const MOST_READS_OF_ONE = 900;

/** A catalog of this many users, a third of whom refuse everything, and half have a tag. */
const fill = (catalog: string, users: number) => `
  INSERT INTO catalogs (id, user_rows, item_rows, next_user_key, next_item_key)
    VALUES ('${catalog}', ${users}, ${ITEMS}, ${users}, ${ITEMS}) ON CONFLICT (id) DO UPDATE
    SET next_user_key = excluded.next_user_key, next_item_key = excluded.next_item_key;
  INSERT INTO users (catalog_id, user_key, external_id) SELECT '${catalog}', n, 'user-' || n FROM generate_series(0, ${users} - 1) n;
  INSERT INTO items (catalog_id, item_key, external_id, tags) SELECT '${catalog}', n, 'item-' || n, '{}' FROM generate_series(0, ${ITEMS} - 1) n;
  INSERT INTO interaction_types (catalog_id, type_key, name) VALUES ('${catalog}', 1, 'view') ON CONFLICT DO NOTHING;
  INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
    SELECT '${catalog}', n / ${ITEMS_PER_USER}, n % ${ITEMS}, 1, '2026-01-01', 1 FROM generate_series(0, ${users * ITEMS_PER_USER} - 1) n;
  INSERT INTO refusals (catalog_id, user_key, training, personal) SELECT '${catalog}', n, true, true FROM generate_series(0, ${users} - 1, 3) n;
  INSERT INTO user_attributes (catalog_id, user_key, tags, metadata) SELECT '${catalog}', n, '{a}', '{}' FROM generate_series(0, ${users} - 1, 2) n;`;

/** Users and items of whom most are there, and some are not. */
const batch = (size: number, type = 'view') =>
  Array.from({ length: size }, (_, n) =>
    interaction(`user-${(n * 5) % (USERS + 200)}`, `item-${(n * 3) % (ITEMS + 50)}`, { type }),
  );

async function* chunks() {
  yield await Promise.resolve(batch(2_000));
}

const WINDOW = { from: null, to: new Date('2026-06-01'), halfLifeDays: null, types: null };

async function export_(write: (output: PassThrough) => Promise<void>): Promise<void> {
  const output = new PassThrough();
  output.resume();
  await write(output);
}

type Work = (database: Database) => Promise<unknown>;

const OF_ALL: Readonly<Record<string, Work>> = {
  'a batch by keys': (database) => new InteractionsRepository(database).record('young', batch(700)),
  'a batch by the staging table': (database) =>
    new InteractionsRepository(database).record('young', batch(900, 'of-a-new-type')),
  'items by a batch': (database) =>
    new ItemsRepository(database).patchMany(
      'young',
      Array.from({ length: 500 }, (_, n) => ({ itemId: `item-${n}`, patch: { title: 'T' } })),
      { onInvalid: 'refuse' },
    ),
  ...Object.fromEntries(
    (['csv', 'jsonl', 'parquet'] as const).map((format) => [
      `an export of interactions as ${format}`,
      (database: Database) =>
        export_((output) => new ExportsRepository(database).write('young', 'interactions', format, output)),
    ]),
  ),
  'an export of users': (database) =>
    export_((output) => new ExportsRepository(database).write('young', 'users', 'csv', output)),
  'a snapshot': (database) => new SnapshotReader(database).load('young'),
  'histories of all users': (database) =>
    new UserBlockReader(database).load('young', { fromUserKey: 0, maxUsers: USERS }),
  'histories of many users': (database) =>
    new InteractionsRepository(database).loadHistories(
      'young',
      Array.from({ length: 1_000 }, (_, n) => `user-${n}`),
    ),
  'items that a group of users likes': (database) =>
    new PopularItemsRepository(database).count('young', { ...WINDOW, userTag: 'a' }),
};
/** At the end: an import tells PostgreSQL of the users and items. */
const IMPORT: Work = (database) =>
  new ImportsRepository(database).importAll('young', { interactions: chunks() });

const OF_ONE: Readonly<Record<string, Work>> = {
  'a history': (database) => new InteractionsRepository(database).loadHistory('young', 'user-1501'),
  'a summary of a user': (database) => new UsersRepository(database).summarize('young', 'user-1501'),
  'a page of users': (database) => new UsersRepository(database).findPage('young', 'user-2', null, 10),
  'a page of items': (database) => new ItemSearchRepository(database).findPage('young', 'item-9', null, 10),
  'an item': (database) => new ItemsRepository(database).load('young', 'item-501'),
  'interactions of a user': (database) =>
    new StoredInteractionsRepository(database).findOfUser('young', 'user-1501', {
      filter: {},
      after: null,
      limit: 10,
    }),
  'the consent of a user': (database) => new ConsentsRepository(database).find('young', 'user-1501'),
  'an export of a user': (database) =>
    export_((output) => new PersonExportsRepository(database).write('young', 'user-1501', output)),
  'users who are like one': (database) =>
    new SimilarUsersRepository(database).findNearest('young', 'user-1501', 5),
};

describe('a catalog that the statistics of PostgreSQL do not know', () => {
  const data = TestData.ofSuite();
  beforeAll(async () => {
    const tables = ['users', 'items', 'interactions', 'late_interactions', 'refusals', 'user_attributes'];
    for (const table of tables)
      await data.server.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
    await data.server.query(fill('default', 2_000));
    await data.server.query('ANALYZE');
    await data.server.query(fill('young', USERS));
  });

  /** Rows that sequential scans have read, and entries that scans of indexes have. */
  const reads = async (): Promise<number> => {
    const { rows } = await data.server.query(
      `SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables) + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes) AS sum`,
    );
    return Number(rows[0]!['sum']);
  };
  const connections = async (): Promise<unknown[]> => {
    const { rows } = await data.server.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    return rows.map(({ pid }) => pid);
  };
  /** On connections of its own: what they read is counted when they end. */
  const countReads = async (work: Work): Promise<number> => {
    const [before, others] = [await reads(), new Set(await connections())];
    const database = Database.connect(data.server.url);
    await work(database).finally(() => database.close());
    await waitFor('the end of its connections', async () =>
      (await connections()).every((pid) => others.has(pid)),
    );
    return (await reads()) - before;
  };

  it.each(Object.keys(OF_ALL))('%s reads each of its rows some times', async (name) => {
    expect(await countReads(OF_ALL[name]!)).toBeLessThan(MOST_READS);
  });

  it.each(Object.keys(OF_ONE))('%s reads what belongs to it', async (name) => {
    expect(await countReads(OF_ONE[name]!)).toBeLessThan(MOST_READS_OF_ONE);
  });

  it('an import reads each of its rows some times', async () => {
    expect(await countReads(IMPORT)).toBeLessThan(MOST_READS);
  });
});
