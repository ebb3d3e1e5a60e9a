import { randomUUID } from 'node:crypto';
import { KeyRing } from '#access';
import { loadEnvironment } from '#config';
import {
  ApiKeysRepository,
  CatalogDeletionsRepository,
  CatalogsRepository,
  ChangeFeed,
  Database,
  InteractionsRepository,
  ItemsRepository,
  ModelsRepository,
  SchedulesRepository,
  TrainingRunsRepository,
  type Change,
} from '#data';
import { describeWithPgBouncer, TestPgBouncer } from '../../support/pgbouncer.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/processes.js';
import { Wire } from '../../support/wire.js';
import {
  interaction,
  ITEM as PLAIN_ITEM,
  MODEL as ANY_MODEL,
  SCHEDULE as NIGHTLY,
  TestData,
} from './testing/test-data.js';

const TIMES = { testEveryMs: 100, pollEveryMs: 20 };
const UNTESTED = { ...TIMES, testEveryMs: 600_000 };
const ITEM = { ...PLAIN_ITEM, tags: [] };
const SCHEDULE = { ...NIGHTLY, catalogId: 'shop' };
const MODEL = { ...ANY_MODEL, catalogId: 'shop' };

/** What a subscriber is told. */
class Told {
  readonly changes: Change[] = [];
  resyncs = 0;

  constructor(feed: ChangeFeed) {
    feed.subscribe({ onChange: (change) => this.changes.push(change), onResync: () => this.resyncs++ });
  }

  get kinds(): string[] {
    return [...new Set(this.changes.map(({ kind }) => kind))].sort();
  }
}

const KINDS = [
  ...['cache-epoch-changed', 'catalog-deleted', 'items-changed'],
  ...['model-activated', 'run-changed', 'schedules-changed'],
];

/** All kinds of changes of a catalog. */
async function changeAll(database: Database): Promise<void> {
  await new CatalogsRepository(database).create('shop');
  await new ItemsRepository(database).put('shop', ITEM);
  const beforeCommit = () => Promise.resolve(false);
  await new InteractionsRepository(database).record('shop', [interaction('u', 'x')], { beforeCommit });
  await new SchedulesRepository(database).put(SCHEDULE);
  const runs = new TrainingRunsRepository(database);
  const run = await runs.create({ catalogId: 'shop', kind: 'ease', parameters: {}, activate: true });
  await runs.requestCancel('shop', run.id);
  const models = new ModelsRepository(database);
  const { id } = await models.publish({ ...MODEL, id: randomUUID(), runId: run.id }, Uint8Array.of(1));
  await models.activate('shop', id);
  await new CatalogDeletionsRepository(database).begin('shop');
}

describe('ChangeFeed', () => {
  const data = TestData.ofSuite();
  let feed: ChangeFeed;

  afterEach(() => feed.close());

  it('publishes changes, also after its connection was killed', async () => {
    feed = new ChangeFeed(data.database);
    const told = new Told(feed);
    await feed.start();
    expect([feed.state, told.resyncs]).toEqual(['listening', 1]);
    await data.server.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    await waitFor('the feed to be back', () => told.resyncs === 2);
    await new ItemsRepository(data.database).put('default', ITEM);
    await waitFor('the change', () => told.changes.length > 0);
    expect(told.changes[0]).toMatchObject({ kind: 'items-changed', catalogId: 'default' });
  });

  it('knows when it last heard all, and how long that took', async () => {
    feed = new ChangeFeed(data.database, data.database.url, TIMES);
    expect(feed.heard).toBeNull();
    const startedAt = Date.now();
    await feed.start();
    const first = feed.heard!;
    expect(first.at).toBeGreaterThanOrEqual(startedAt);
    expect(first.lagMs).toBeGreaterThan(0);
    await waitFor('the next test', () => feed.heard !== first);
    expect(feed.heard!.at).toBeGreaterThan(first.at);
  });

  it('connects anew when its connection is half open, and misses nothing', async () => {
    const wire = await Wire.to(data.server.url);
    feed = new ChangeFeed(data.database, wire.url, TIMES);
    const told = new Told(feed);
    await feed.start();
    wire.goSilent();
    await waitFor('another connection', () => told.resyncs === 2);
    await new ItemsRepository(data.database).put('default', ITEM);
    await waitFor('the change', () => told.kinds.includes('items-changed'));
    expect(feed.state).toBe('listening');
    wire.close();
  });

  it('tells all kinds of changes, each once, while its connection is silent and nobody has noticed', async () => {
    const wire = await Wire.to(data.server.url);
    feed = new ChangeFeed(data.database, wire.url, UNTESTED);
    const told = new Told(feed);
    await feed.start();
    wire.goSilent();
    await data.server.query('DELETE FROM catalog_changes');
    await changeAll(data.database);
    await waitFor('all kinds', () => told.kinds.length === KINDS.length);
    expect([told.kinds, feed.state, told.resyncs]).toEqual([KINDS, 'listening', 1]);
    const { heard } = feed;
    await waitFor('another read', () => feed.heard !== heard);
    expect(told.changes).toHaveLength(await data.count('catalog_changes'));
    wire.close();
  });

  it('tells what it hears and reads once', async () => {
    feed = new ChangeFeed(data.database, data.database.url, UNTESTED);
    const told = new Told(feed);
    await feed.start();
    const numChanges = 20;
    for (let n = 0; n < numChanges; n++)
      await new ItemsRepository(data.database).put('default', { ...ITEM, title: `Title ${n}` });
    await waitFor('all', () => told.changes.length >= numChanges);
    const lastHeard = feed.heard!.at;
    await waitFor('another read or two', () => feed.heard!.at > lastHeard + 2 * TIMES.pollEveryMs);
    const revisions = told.changes.map((change) => 'revision' in change && change.revision);
    expect([revisions.length, new Set(revisions).size]).toEqual([numChanges, numChanges]);
  });

  it('polls while its connection is given no answer to LISTEN', async () => {
    const wire = await Wire.to(data.server.url);
    wire.silenceAt('LISTEN');
    feed = new ChangeFeed(data.database, wire.url, TIMES);
    const told = new Told(feed);
    await feed.start();
    await waitFor('it to poll', () => feed.state === 'polling' && told.resyncs > 0);
    await new ItemsRepository(data.database).put('default', ITEM);
    await waitFor('the change', () => told.kinds.includes('items-changed'));
    wire.close();
  });

  it('does not hear what another schema of the database tells', async () => {
    feed = new ChangeFeed(data.database);
    const told = new Told(feed);
    await feed.start();
    await data.server.query(`CREATE SCHEMA elsewhere`);
    await data.server.query(
      `CREATE TABLE elsewhere.catalog_changes (LIKE public.catalog_changes INCLUDING ALL)`,
    );
    await data.server.query(
      `SET search_path = elsewhere; SELECT pg_notify('sparserec_' || quote_ident(current_schema())::regnamespace::oid, '{"kind":"model-activated"}'); RESET search_path`,
    );
    await new ItemsRepository(data.database).put('default', ITEM);
    await waitFor('the change', () => told.changes.length > 0);
    expect(told.kinds).toEqual(['items-changed']);
  });
});

describe('KeyRing', () => {
  const data = TestData.ofSuite();
  const environmentOf = () => loadEnvironment({ DATABASE_URL: data.server.url });

  beforeEach(() => data.server.query('DELETE FROM api_keys'));

  it('knows of keys that are made and revoked while its feed hears nothing, which nobody has noticed', async () => {
    const wire = await Wire.to(data.server.url);
    const feed = new ChangeFeed(data.database, wire.url);
    const keys = new ApiKeysRepository(data.database);
    const ring = new KeyRing(keys, feed, environmentOf());
    try {
      await feed.start();
      await ring.onModuleInit();
      expect([feed.state, ring.isOpen]).toEqual(['listening', true]);
      wire.goSilent();
      const { key, token } = await keys.make({
        name: 'a',
        scopes: ['read'],
        catalogs: null,
        expiresAt: null,
      });
      await waitFor('the key', () => ring.findValid(token));
      const next = await keys.rotate(key.id, 3_600);
      await waitFor('its new end', () => ring.find(token)!.expiresAt);
      await keys.revoke(key.id);
      await waitFor('the key to be none', () => ring.findValid(token) === null);
      expect(ring.findValid(next.token)).not.toBeNull();
      expect(feed.state).toBe('listening');
    } finally {
      await ring.beforeApplicationShutdown();
      wire.close();
      await feed.close();
    }
  });

  it.each([
    ['has expired', { expiresAt: new Date(0) }, false],
    ['was revoked', { expiresAt: null }, true],
  ])('is closed for good where the only key %s, from the start on', async (_, { expiresAt }, isRevoked) => {
    const keys = new ApiKeysRepository(data.database);
    const made = await keys.make({ name: 'a', scopes: ['read'], catalogs: null, expiresAt });
    if (isRevoked) await keys.revoke(made.key.id);
    const ring = new KeyRing(keys, new ChangeFeed(data.database), environmentOf());
    await ring.onModuleInit();
    expect([ring.isOpen, ring.isKnownOpen, ring.findValid(made.token)]).toEqual([false, false, null]);
    await ring.beforeApplicationShutdown();
  });
});

describeWithPgBouncer('ChangeFeed behind a pooler that lends connections for a transaction', () => {
  let server: TestDatabase;
  let pooler: TestPgBouncer;
  let database: Database;
  let feed: ChangeFeed;
  let told: Told;

  beforeAll(async () => {
    server = await createTestDatabase();
    pooler = await TestPgBouncer.start(server.url);
    database = Database.connect(pooler.url);
  });
  beforeEach(async () => {
    feed = new ChangeFeed(database, pooler.url, TIMES);
    told = new Told(feed);
    await feed.start();
    await waitFor('the first poll', () => told.resyncs > 0);
  });
  afterEach(() => feed.close());
  afterAll(async () => {
    await database.close();
    await pooler.stop();
    await server.drop();
  });

  it('polls, and tells all kinds of changes', async () => {
    expect(feed.state).toBe('polling');
    const { heard } = feed;
    await waitFor('another read', () => heard !== null && feed.heard !== heard);
    await changeAll(database);
    await waitFor('all kinds', () => told.kinds.length === KINDS.length);
    expect(told.kinds).toEqual(KINDS);
  });

  it('tells what a long transaction commits after younger ones, once', async () => {
    const tell = (name: string) =>
      `INSERT INTO catalog_changes (xid, change) VALUES (pg_current_xact_id(), '{"kind":"items-changed","catalogId":"${name}","revision":1}')`;
    await server.query('BEGIN');
    await server.query(tell('old'));
    for (let n = 0; n < 5; n++) {
      await database.pool.query(tell(`young-${n}`));
      await waitFor('the young one', () => told.changes.length === n + 1);
    }
    await server.query('COMMIT');
    await waitFor('the old one', () => told.changes.length === 6);
    await database.pool.query(tell('last'));
    await waitFor('the last one', () => told.changes.length === 7);
    expect(told.changes.map((change) => 'catalogId' in change && change.catalogId)).toEqual([
      ...['young-0', 'young-1', 'young-2', 'young-3', 'young-4'],
      'old',
      'last',
    ]);
  });

  it('passes over changes that were copied from another server', async () => {
    await server.query(
      `INSERT INTO catalog_changes (xid, change) VALUES ('9000000000', '{"kind":"items-changed","catalogId":"copied","revision":1}')`,
    );
    await new ItemsRepository(database).put('default', ITEM);
    await waitFor('the change', () => told.changes.length > 0);
    expect(told.changes.map((change) => 'catalogId' in change && change.catalogId)).not.toContain('copied');
  });

  it('listens again when it can', async () => {
    await feed.close();
    const wire = await Wire.to(server.url);
    feed = new ChangeFeed(database, wire.url, TIMES);
    told = new Told(feed);
    await feed.start();
    expect(feed.state).toBe('listening');
    wire.close();
    await waitFor('it to poll', () => feed.state === 'polling');
    await new ItemsRepository(database).put('default', ITEM);
    await waitFor('the change', () => told.kinds.includes('items-changed'));
  });
});
