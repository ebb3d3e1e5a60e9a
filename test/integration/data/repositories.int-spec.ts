import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CHUNK_BYTES,
  Database,
  ItemPropertiesRepository,
  ItemsRepository,
  migrate,
  ModelsRepository,
  SchedulesRepository,
  TrainingRunsRepository,
} from '#data';
import type { RunLeaderboard } from '#domain';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
const MIGRATIONS = join(ROOT, 'prisma/migrations');
const ITEM = {
  itemId: 'x',
  title: 'X',
  tags: ['a', 'b'],
  metadata: { year: 1999, deep: { list: [1, null] } },
  available: true,
};

describe('repositories', () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await createTestDatabase({ isMigrated: false });
    await migrate(server.url, MIGRATIONS);
    database = Database.connect(server.url);
  });

  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  it('applies each migration once, and none that was changed since', async () => {
    expect(await migrate(server.url, MIGRATIONS)).toEqual([]);
    await server.query("UPDATE _prisma_migrations SET checksum = 'other'");
    await expect(migrate(server.url, MIGRATIONS)).rejects.toThrow('was changed after');
  });

  it('are migrated to exactly what the schema says', () => {
    const output = execFileSync(
      join(ROOT, 'node_modules/.bin/prisma'),
      ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema.prisma', '--script'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        env: {
          ...process.env,
          DATABASE_URL: server.url,
          PRISMA_SCHEMA_ENGINE_BINARY: join(ROOT, 'scripts/schema-engine.mjs'),
        },
      },
    );
    expect(output.trim()).toBe('-- This is an empty migration.');
  });

  describe('items', () => {
    const items = () => new ItemsRepository(database);

    it('puts, reads, pages, deletes and revives an item under one key', async () => {
      const { item, created } = await items().put('default', ITEM);
      expect(created).toBe(true);
      expect(item).toMatchObject(ITEM);
      expect((await items().put('default', { ...ITEM, title: null })).created).toBe(false);
      await items().putMany('default', [
        { ...ITEM, itemId: 'y' },
        { ...ITEM, itemId: 'z' },
      ]);
      const page = await items().findPage('default', null, 2);
      expect(page.items.map(({ itemId }) => itemId)).toEqual(['x', 'y']);
      expect(
        (await items().findPage('default', page.nextPosition, 2)).items.map(({ itemId }) => itemId),
      ).toEqual(['z']);
      await items().delete('default', 'x');
      await expect(items().load('default', 'x')).rejects.toMatchObject({ code: 'item-not-found' });
      await expect(items().delete('default', 'x')).rejects.toMatchObject({ code: 'item-not-found' });
      const revived = await items().put('default', ITEM);
      expect([revived.created, revived.item.itemKey]).toEqual([true, item.itemKey]);
    });

    it('tells what changed since a revision, deletions included', async () => {
      const { revision } = await items().findServedSince('default', 0);
      await items().put('default', { ...ITEM, itemId: 'fresh', available: false });
      await items().delete('default', 'fresh');
      const { changed } = await items().findServedSince('default', revision);
      expect(changed).toMatchObject([{ itemId: 'fresh', deleted: true }]);
    });
  });

  it('reads tags and metadata of the items that are asked for, and of no others', async () => {
    const items = new ItemsRepository(database);
    const { item } = await items.put('default', { ...ITEM, itemId: 'described' });
    await items.put('default', { ...ITEM, itemId: 'other' });
    const found = await new ItemPropertiesRepository(database).load('default', [item.itemKey, 1_000_000]);
    expect([...found]).toEqual([[item.itemKey, { tags: ITEM.tags, metadata: ITEM.metadata }]]);
  });

  it('reads one column of the items in the order in which they changed, page by page', async () => {
    const items = new ItemsRepository(database);
    const columns = new ItemPropertiesRepository(database);
    await server.query("INSERT INTO catalogs (id) VALUES ('columns')");
    const put = (itemId: string, year: unknown) =>
      items.put('columns', { ...ITEM, itemId, metadata: { year: year as number } });
    for (const [itemId, year] of [
      ['a', 1990],
      ['b', { deep: 1 }],
      ['c', ['x', 2]],
      ['d', null],
    ] as const)
      await put(itemId, year);
    await items.delete('columns', 'b');
    await put('a', 2000);
    const start = { revision: 0, itemKey: -1 };
    const years = await columns.findColumnPage('columns', 'metadata.year', start, 3);
    expect(years.map(({ itemKey, value }) => [itemKey, value])).toEqual([
      [2, ['x', 2]],
      [3, null],
      [1, null],
    ]);
    const rest = await columns.findColumnPage('columns', 'metadata.year', years.at(-1)!, 3);
    expect(rest).toEqual([{ itemKey: 0, revision: 6, value: 2000 }]);
    const tags = await columns.findColumnPage('columns', 'tags', start, 10);
    expect(tags.map(({ value }) => value)).toEqual([['a', 'b'], ['a', 'b'], null, ['a', 'b']]);
    const [created] = await columns.findColumnPage('columns', 'createdAt', start, 1);
    const { createdAt } = await items.load('columns', 'c');
    expect(Math.abs((created!.value as number) - createdAt.getTime())).toBeLessThan(1);
  });

  describe('training runs', () => {
    const runs = () => new TrainingRunsRepository(database);
    const create = () =>
      runs().create({
        catalogId: 'default',
        kind: 'ease',
        parameters: { regularization: 1 },
        activate: true,
      });

    it('go from queued through running to an end that stays', async () => {
      const { id } = await create();
      expect(await runs().claim(id, 'w')).toMatchObject({ status: 'running', attempts: 1 });
      expect(await runs().claim(id, 'w')).toMatchObject({ attempts: 2 });
      expect(
        await runs().reportProgress(id, { stage: 'fitting', progress: 0.5, estimatedBytes: 5e9 }),
      ).toEqual({ cancelRequested: false });
      await runs().finish(id, { status: 'failed', error: { code: 'internal-error', detail: 'x' } });
      await runs().finish(id, { status: 'cancelled' });
      expect(await runs().load('default', id)).toMatchObject({
        status: 'failed',
        estimatedBytes: 5e9,
        error: { detail: 'x' },
      });
      expect(await runs().claim(id, 'w')).toBeNull();
      await expect(runs().requestCancel('default', id)).rejects.toMatchObject({
        code: 'training-run-finished',
      });
    });

    it('keep a leaderboard as it was, and only while they are unfinished', async () => {
      const input = { catalogId: 'default', kind: 'ease', parameters: {}, activate: true };
      const { id, ...created } = await runs().create({ ...input, withLeaderboard: true });
      expect(created).toMatchObject({ withLeaderboard: true, leaderboard: null });
      const leaderboard: RunLeaderboard = [
        {
          model: 'item-knn',
          parameters: { weighting: 'bm25', k1: 1.2 },
          metrics: { 'ndcg@20': { mean: 0.125, ci95: [0.1, 0.15] } },
          coverage: 0.5,
          gini: 0.25,
          tailRecall: [0.5, 0],
          differenceToRun: { 'ndcg@20': { mean: -0.5, ci95: [-0.75, -0.25] } },
          fitMs: 12,
          artifactBytes: 345,
          kernel: 'simd128',
        },
        { model: 'popularity', parameters: {}, leftOut: 'too slow' },
      ];
      await runs().recordLeaderboard(id, leaderboard);
      expect((await runs().load('default', id)).leaderboard).toEqual(leaderboard);
      await runs().finish(id, { status: 'cancelled' });
      await runs().recordLeaderboard(id, []);
      expect((await runs().load('default', id)).leaderboard).toEqual(leaderboard);
      expect((await create()).withLeaderboard).toBe(false);
    });

    it('are cancelled at once while queued and on request while running', async () => {
      const [queued, running] = [await create(), await create()];
      expect(await runs().requestCancel('default', queued.id)).toMatchObject({ status: 'cancelled' });
      await runs().claim(running.id, 'w');
      expect(await runs().requestCancel('default', running.id)).toMatchObject({
        status: 'running',
        cancelRequested: true,
      });
      expect(await runs().reportProgress(running.id, { stage: 'fitting', progress: 0.1 })).toEqual({
        cancelRequested: true,
      });
      expect((await runs().findUnfinished()).map(({ id }) => id)).toContain(running.id);
    });

    it.each(['not-a-uuid', randomUUID()])('are not found by %s', async (id) => {
      await expect(runs().load('default', id)).rejects.toMatchObject({ code: 'training-run-not-found' });
    });
  });

  describe('models', () => {
    const models = () => new ModelsRepository(database);
    const publish = (artifact: Uint8Array, runId: string = randomUUID()) =>
      models().publish(
        {
          id: randomUUID(),
          catalogId: 'default',
          runId,
          kind: 'ease',
          parameters: { a: 1, b: 'x' },
          metrics: { 'ndcg@20': { mean: 0.1, ci95: [0, 1] } },
          baseline: {},
          snapshotHash: 'h',
          codeVersion: '1',
          kernel: 'simd128',
          numUsers: 1,
          numItems: 1,
          numInteractions: 1,
        },
        artifact,
      );

    it('are stored in chunks, and one of them is active', async () => {
      const artifact = Uint8Array.from({ length: 9_000_000 }, (_, n) => n % 251);
      const [first, second] = [await publish(artifact), await publish(artifact)];
      await models().activate('default', first.id);
      await models().activate('default', second.id);
      expect(await models().findActive('default')).toMatchObject({ id: second.id });
      expect(await models().load('default', first.id)).toMatchObject({
        status: 'archived',
        metrics: { 'ndcg@20': { mean: 0.1 } },
      });
      expect(await models().findEqual('default', 'ease', { b: 'x', a: 1 }, 'h')).not.toBeNull();
      expect(await models().findEqual('default', 'ease', { a: 2, b: 'x' }, 'h')).toBeNull();
      const chunks = await Promise.all(
        [0, 1, 2].map((position) => models().loadArtifactChunk(first.id, position)),
      );
      expect(Buffer.concat(chunks.map((chunk) => chunk!)).equals(artifact)).toBe(true);
      expect(await models().prune('default', 0)).toBe(1);
    });

    it('are one for a run, also when several workers publish for it at once', async () => {
      const runId = randomUUID();
      const published = await Promise.all(
        Array.from({ length: 4 }, () => publish(new Uint8Array(CHUNK_BYTES + 1), runId)),
      );
      const { rows } = await server.query(
        'SELECT id, (SELECT count(*)::int FROM model_chunks WHERE model_id = id) AS chunks FROM models WHERE run_id = $1',
        [runId],
      );
      expect(rows).toEqual([{ id: published[0]!.id, chunks: 2 }]);
      expect(new Set(published.map(({ id }) => id)).size).toBe(1);
      expect((await publish(new Uint8Array(1), runId)).artifactBytes).toBe(CHUNK_BYTES + 1);
    });

    it('are made one for a run where workers had left several', async () => {
      await server.query('DROP INDEX models_run_id_key');
      const twins = async (runId?: string) => {
        const first = await publish(new Uint8Array(1), runId);
        return [first.id, (await publish(new Uint8Array(1), first.runId)).id].sort();
      };
      const runs = new TrainingRunsRepository(database);
      const run = await runs.create({ catalogId: 'default', kind: 'ease', parameters: {}, activate: true });
      const [named, active, plain] = [await twins(run.id), await twins(), await twins()];
      await server.query('UPDATE training_runs SET model_id = $1 WHERE id = $2', [named[1], run.id]);
      await models().activate('default', active[1]!);
      const migration = join(MIGRATIONS, '20261124170000_one_model_per_run/migration.sql');
      await server.query(readFileSync(migration, 'utf8'));
      const { rows } = await server.query('SELECT id FROM models WHERE id = ANY($1)', [
        [...named, ...active, ...plain],
      ]);
      expect(rows.map(({ id }) => id).sort()).toEqual([named[1], active[1], plain[0]].sort());
    });

    it('are not activated when a byte of them has changed', async () => {
      const { id } = await publish(new Uint8Array(100));
      await server.query('UPDATE model_chunks SET bytes = set_byte(bytes, 5, 1) WHERE model_id = $1', [id]);
      await expect(models().activate('default', id)).rejects.toMatchObject({ code: 'model-corrupt' });
      expect((await models().findActive('default'))?.id).not.toBe(id);
    });

    it('are not found when they are pruned while they are activated', async () => {
      const { id } = await publish(new Uint8Array(100));
      const activation = await database.sqlTransaction(async (client) => {
        await client.query('DELETE FROM models WHERE id = $1', [id]);
        const activating = models().activate('default', id);
        activating.catch(() => undefined);
        await waitFor('the activation to wait for the row', async () => {
          const { rows } = await server.query(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
          );
          return rows.length > 0;
        });
        return { activating };
      });
      await expect(activation.activating).rejects.toMatchObject({ code: 'model-not-found' });
    });

    it('are not found when they are pruned while their artifact is verified', async () => {
      const { id } = await publish(new Uint8Array(100));
      const repository = models();
      jest.spyOn(repository, 'loadArtifactChunk').mockImplementationOnce(async () => {
        await server.query('DELETE FROM models WHERE id = $1', [id]);
        return null;
      });
      await expect(repository.activate('default', id)).rejects.toMatchObject({ code: 'model-not-found' });
    });

    it('are one at most that is active, by the database itself', async () => {
      await publish(new Uint8Array(1));
      await expect(server.query("UPDATE models SET status = 'active'")).rejects.toThrow(
        'models_one_active_per_catalog',
      );
    });
  });

  it('keeps schedules and what came of them', async () => {
    const schedules = new SchedulesRepository(database);
    const input = {
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
    expect((await schedules.put(input)).created).toBe(true);
    expect(
      (await schedules.put({ ...input, gate: { metric: 'ndcg@20', minRatioToActive: 0.9 } })).created,
    ).toBe(false);
    await schedules.recordOutcome('default', 'nightly', 'done');
    expect(await schedules.load('default', 'nightly')).toMatchObject({
      lastOutcome: 'done',
      gate: { metric: 'ndcg@20' },
    });
    await schedules.delete('default', 'nightly');
    await expect(schedules.load('default', 'nightly')).rejects.toMatchObject({ code: 'schedule-not-found' });
    await expect(schedules.put({ ...input, catalogId: 'nope' })).rejects.toMatchObject({
      code: 'catalog-not-found',
    });
  });
});
