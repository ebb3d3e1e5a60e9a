import { v7 as uuid } from 'uuid';
import {
  CatalogDeletionsRepository,
  CatalogsRepository,
  ConsentsRepository,
  InteractionTypesRepository,
  ItemsRepository,
  ListJobsRepository,
  ModelsRepository,
  SchedulesRepository,
  TrainingRunsRepository,
  UserAttributesRepository,
  UserMergesRepository,
} from '#data';
import type { DatedInteraction } from '#domain';
import { MODEL, TestData } from './testing/test-data.js';

/** Smaller than what is there, so that many batches are needed. */
const BATCH_ROWS = 7;
const NOT_FOUND = { code: 'catalog-not-found' };

const interactionsOf = (users: number, perUser = 5): DatedInteraction[] =>
  Array.from({ length: users * perUser }, (_, n) => ({
    userId: `user-${Math.floor(n / perUser)}`,
    itemId: `item-${n % 11}`,
    type: 'view',
    weight: 1,
    occurredAt: new Date(Date.UTC(2026, 0, 1, 0, n)),
  }));

describe('the deletion of a catalog', () => {
  const data = TestData.ofSuite();
  const catalogs = () => new CatalogsRepository(data.database);
  const deletions = () => new CatalogDeletionsRepository(data.database, BATCH_ROWS);

  /** A catalog with rows in every table. */
  const fill = async (catalogId: string): Promise<void> => {
    await catalogs().create(catalogId);
    await data.interactions.record(catalogId, interactionsOf(12));
    await new ItemsRepository(data.database).delete(catalogId, 'item-5');
    // Those with the deleted item are late now.
    await data.interactions.record(catalogId, interactionsOf(12));
    const consents = new ConsentsRepository(data.database);
    for (let user = 0; user < 12; user++)
      await consents.put(catalogId, `user-${user}`, { training: false, personal: true });
    const attributes = new UserAttributesRepository(data.database);
    for (let user = 0; user < 12; user++)
      await attributes.put(catalogId, `user-${user}`, { tags: ['a'], metadata: {} });
    await new UserMergesRepository(data.database).merge(catalogId, { intoId: 'user-1', fromId: 'visitor' });
    await new SchedulesRepository(data.database).put({
      ...{ catalogId, name: 'nightly', cron: '0 3 * * *', timeZone: 'UTC', kind: 'ease' },
      ...{ parameters: {}, gate: null, enabled: true, missed: 'run-once' },
    });
    for (let n = 0; n < 2; n++) {
      const run = await new TrainingRunsRepository(data.database).create(newRun(catalogId));
      await new ModelsRepository(data.database).publish(newModel(catalogId, run.id), new Uint8Array(100));
    }
    await data.server.query(
      `INSERT INTO idempotency_keys (catalog_id, key, fingerprint, status, body)
       SELECT $1, n, '', 200, '' FROM generate_series(1, 20) n`,
      [catalogId],
    );
    const lists = new ListJobsRepository(data.database);
    const wanted = { catalogId, modelId: uuid(), k: 5, filter: null, requestId: null, traceParent: null };
    const job = (await lists.claim((await lists.create(wanted)).id))!;
    await lists.addPart(job, { bytes: new Uint8Array(100), users: 1, nextUserKey: 1 });
    await data.server.query(
      'INSERT INTO attributed_interactions SELECT $1, now(), n, 0, 0, 1 FROM generate_series(1, 20) n',
      [catalogId],
    );
  };
  const newRun = (catalogId: string) => ({ catalogId, kind: 'ease', parameters: {}, activate: true });
  const newModel = (catalogId: string, runId: string) => ({ ...MODEL, id: uuid(), catalogId, runId });

  /** Rows of a catalog by table, of all tables that have a catalog and of those that belong to them. */
  const rowsOf = async (catalogId: string): Promise<Record<string, number>> => {
    const { rows } = await data.server.query(
      `SELECT table_name AS name FROM information_schema.columns WHERE column_name = 'catalog_id' AND table_schema = 'public'`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of rows.filter((row) => row.name !== 'catalog_deletions')) {
      const sql = `SELECT count(*)::int AS count FROM ${name} WHERE catalog_id = $1`;
      counts[name] = (await data.server.query(sql, [catalogId])).rows[0].count;
    }
    const chunks =
      'SELECT count(*)::int AS count FROM model_chunks JOIN models ON id = model_id WHERE catalog_id = $1';
    counts['model_chunks'] = (await data.server.query(chunks, [catalogId])).rows[0].count;
    const parts =
      'SELECT count(*)::int AS count FROM list_job_parts JOIN list_jobs ON id = job_id WHERE catalog_id = $1';
    counts['list_job_parts'] = (await data.server.query(parts, [catalogId])).rows[0].count;
    return counts;
  };

  const deleteWhole = async (catalogId: string) => {
    const { deletion } = await deletions().begin(catalogId);
    await deletions().deleteRows(deletion);
    expect(await deletions().finish(deletion)).toBe(true);
    return deletions().load(deletion.id);
  };

  it('leaves no row of it and all of another, and counts what is gone', async () => {
    await fill('mine');
    await fill('other');
    const other = await rowsOf('other');
    expect(Object.values(other)).not.toContain(0);
    const chunks = (await data.server.query('SELECT count(*)::int AS count FROM model_chunks')).rows[0].count;
    const deletion = await deleteWhole('mine');
    expect(deletion).toMatchObject({
      catalogId: 'mine',
      finishedAt: expect.any(Date),
      deleted: { interactions: 60, users: 12, items: 11, models: 2, trainingRuns: 2 },
    });
    expect(new Set(Object.values(await rowsOf('mine')))).toEqual(new Set([0]));
    expect((await data.server.query('SELECT count(*)::int AS count FROM model_chunks')).rows[0].count).toBe(
      chunks / 2,
    );
    expect(await rowsOf('other')).toEqual(other);
    expect(await deletions().findUnfinished()).toEqual([]);
  });

  it('is begun once, and from then on nobody finds the catalog or writes to it', async () => {
    await fill('marked');
    const { deletion, cancelledRunIds } = await deletions().begin('marked');
    expect(cancelledRunIds).toHaveLength(2);
    await expect(deletions().begin('marked')).rejects.toMatchObject(NOT_FOUND);
    await expect(catalogs().load('marked')).rejects.toMatchObject(NOT_FOUND);
    expect((await catalogs().findAll()).map(({ id }) => id)).not.toContain('marked');
    await expect(catalogs().create('marked')).rejects.toMatchObject({ code: 'catalog-being-deleted' });
    const item = { itemId: 'x', title: null, tags: [], metadata: {}, available: true };
    const writes = [
      () => data.interactions.record('marked', interactionsOf(1)),
      () => new ItemsRepository(data.database).put('marked', item),
      () => new TrainingRunsRepository(data.database).create(newRun('marked')),
      () => new ModelsRepository(data.database).publish(newModel('marked', uuid()), new Uint8Array(1)),
      () =>
        new InteractionTypesRepository(data.database).put('marked', {
          ...{
            name: 'buy',
            trainingWeight: 1,
            halfLifeDays: null,
            positive: true,
            excludesSeen: true,
            repeatAfterDays: null,
            repeats: 'max',
          },
        }),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject(NOT_FOUND);
    expect(await deletions().findUnfinished()).toEqual([deletion]);
    expect(await deletions().finish(deletion)).toBe(false);
    await deletions().deleteRows(deletion);
    expect(await deletions().finish(deletion)).toBe(true);
    expect(await deletions().finish(deletion)).toBe(true);
  });

  it('waits for an import that began before it, and deletes what that stored', async () => {
    await catalogs().create('busy');
    let goOn = (): void => undefined;
    const goingOn = new Promise<void>((resolve) => (goOn = resolve));
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const slowly = async function* () {
      for (const interaction of interactionsOf(3)) {
        yield [interaction];
        begin();
        await goingOn;
      }
    };
    const importing = data.imports.importAll('busy', { interactions: slowly() });
    await begun;
    const { deletion } = await deletions().begin('busy');
    await deletions().deleteRows(deletion);
    const finishing = deletions().finish(deletion);
    goOn();
    expect(await importing).toMatchObject({ stored: 15 });
    expect(await finishing).toBe(false);
    await deletions().deleteRows(deletion);
    expect(await deletions().finish(deletion)).toBe(true);
    expect(new Set(Object.values(await rowsOf('busy')))).toEqual(new Set([0]));
  });

  it('leaves a name whose next catalog is empty and finds nothing that was cached', async () => {
    await fill('again');
    const types = new InteractionTypesRepository(data.database);
    await types.put('again', {
      name: 'view',
      trainingWeight: 2,
      halfLifeDays: null,
      positive: true,
      excludesSeen: true,
      repeatAfterDays: null,
      repeats: 'max',
    });
    const before = await catalogs().load('again');
    const { revision } = await new ItemsRepository(data.database).findServedSince('again', 0);
    await deleteWhole('again');
    const { catalog, created } = await catalogs().create('again');
    expect([created, catalog.userCount, catalog.itemCount]).toEqual([true, 0, 0]);
    expect(catalog.cacheEpoch).toBeGreaterThan(before.cacheEpoch);
    await data.interactions.record('again', interactionsOf(1));
    const after = await new ItemsRepository(data.database).findServedSince('again', 0);
    expect(after.changed.map(({ itemKey }) => itemKey)).toEqual([0, 1, 2, 3, 4]);
    expect(after.revision).toBeGreaterThan(revision);
    await deleteWhole('again');
    expect((await catalogs().create('again')).catalog.cacheEpoch).toBeGreaterThan(catalog.cacheEpoch);
  });

  it('can be broken off between two statements, and taken up again', async () => {
    await fill('halved');
    const { deletion } = await deletions().begin('halved');
    const ending = new AbortController();
    ending.abort(new Error('ending'));
    await expect(deletions().deleteRows(deletion, ending.signal)).rejects.toThrow('ending');
    expect(await rowsOf('halved')).toMatchObject({
      ...{ models: 1, interactions: 55, late_interactions: 5, training_runs: 2 },
    });
    await expect(catalogs().load('halved')).rejects.toMatchObject(NOT_FOUND);
    await deletions().deleteRows(deletion);
    expect(await deletions().finish(deletion)).toBe(true);
    expect((await deletions().load(deletion.id)).deleted).toMatchObject({ models: 2, interactions: 60 });
  });

  it('is worked on by one process at a time', async () => {
    let worked = 0;
    const add = (amount: number) => () => {
      worked += amount;
      return Promise.resolve();
    };
    const id = uuid();
    await deletions().exclusively(id, async () => {
      await deletions().exclusively(id, add(1));
      await deletions().exclusively(uuid(), add(10));
    });
    await deletions().exclusively(id, add(100));
    expect(worked).toBe(110);
  });
});
