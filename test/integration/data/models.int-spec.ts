import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHUNK_BYTES, ModelsRepository, TrainingRunsRepository } from '#data';
import { waitFor } from '../../support/processes.js';
import { MODEL, TestData } from './testing/test-data.js';

const MIGRATIONS = join(import.meta.dirname, '../../../prisma/migrations');

const FIGURES = { k: 20, coverage: 0.5, gini: 0.25, tailRecall: [1, 0], exposure: [] };
const BREADTH = { model: FIGURES, popularity: { ...FIGURES, coverage: 0.1 } };

describe('models in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const models = () => new ModelsRepository(data.database);
  const publish = (artifact: Uint8Array, runId: string = randomUUID(), id: string = randomUUID()) =>
    models().publish(
      {
        ...MODEL,
        id,
        runId,
        parameters: { a: 1, b: 'x' },
        metrics: { 'ndcg@20': { mean: 0.1, ci95: [0, 1] } },
        breadth: BREADTH,
      },
      artifact,
    );

  it('are stored in chunks, and one of them is active', async () => {
    const artifact = Uint8Array.from({ length: 9_000_000 }, (_, n) => n % 251);
    const first = await publish(artifact);
    await models().activate('default', first.id);
    await models().prune('default', 0, first.id);
    const second = await publish(artifact);
    await models().activate('default', second.id);
    expect(await models().findActive('default')).toMatchObject({ id: second.id });
    expect(await models().load('default', first.id)).toMatchObject({
      status: 'archived',
      metrics: { 'ndcg@20': { mean: 0.1 } },
      breadth: BREADTH,
    });
    expect(await models().findEqual('default', 'ease', { b: 'x', a: 1 }, 'h')).not.toBeNull();
    expect(await models().findEqual('default', 'ease', { a: 2, b: 'x' }, 'h')).toBeNull();
    const chunks = await Promise.all(
      [0, 1, 2].map((position) => models().loadArtifactChunk(first.id, position)),
    );
    expect(Buffer.concat(chunks.map((chunk) => chunk!)).equals(artifact)).toBe(true);
    expect(await models().prune('default', 0, second.id)).toBe(1);
  });

  it('are deleted beyond those that are kept, but not one that was made a moment ago by a clock behind', async () => {
    const idAt = (year: number) => randomUUID().replace(/^.{8}/, `0000${year}`);
    const publishAt = (year: number) => publish(new Uint8Array(1), randomUUID(), idAt(year));
    const [old, kept] = [await publishAt(2025), await publishAt(2026)];
    const behind = await publishAt(2024);
    expect(await models().prune('default', 1, behind.id)).toBe(1);
    await expect(models().load('default', old.id)).rejects.toMatchObject({ code: 'model-not-found' });
    for (const { id } of [kept, behind]) expect(await models().load('default', id)).toMatchObject({ id });
  });

  it('are one for a run, also when several workers publish for it at once', async () => {
    const runId = randomUUID();
    const published = await Promise.all(
      Array.from({ length: 4 }, () => publish(new Uint8Array(CHUNK_BYTES + 1), runId)),
    );
    const { rows } = await data.server.query(
      'SELECT id, (SELECT count(*)::int FROM model_chunks WHERE model_id = id) AS chunks FROM models WHERE run_id = $1',
      [runId],
    );
    expect(rows).toEqual([{ id: published[0]!.id, chunks: 2 }]);
    expect(new Set(published.map(({ id }) => id)).size).toBe(1);
    expect((await publish(new Uint8Array(1), runId)).artifactBytes).toBe(CHUNK_BYTES + 1);
  });

  it('are made one for a run where workers had left several', async () => {
    await data.server.query('DROP INDEX models_run_id_key');
    const twins = async (runId?: string) => {
      const first = await publish(new Uint8Array(1), runId);
      return [first.id, (await publish(new Uint8Array(1), first.runId)).id].sort();
    };
    const runs = new TrainingRunsRepository(data.database);
    const run = await runs.create({ catalogId: 'default', kind: 'ease', parameters: {}, activate: true });
    const [named, active, plain] = [await twins(run.id), await twins(), await twins()];
    await data.server.query('UPDATE training_runs SET model_id = $1 WHERE id = $2', [named[1], run.id]);
    await models().activate('default', active[1]!);
    const migration = join(MIGRATIONS, '20261124170000_one_model_per_run/migration.sql');
    await data.server.query(readFileSync(migration, 'utf8'));
    const { rows } = await data.server.query('SELECT id FROM models WHERE id = ANY($1)', [
      [...named, ...active, ...plain],
    ]);
    expect(rows.map(({ id }) => id).sort()).toEqual([named[1], active[1], plain[0]].sort());
  });

  it('are not activated when a byte of them has changed', async () => {
    const { id } = await publish(new Uint8Array(100));
    await data.server.query('UPDATE model_chunks SET bytes = set_byte(bytes, 5, 1) WHERE model_id = $1', [
      id,
    ]);
    await expect(models().activate('default', id)).rejects.toMatchObject({ code: 'model-corrupt' });
    expect((await models().findActive('default'))?.id).not.toBe(id);
  });

  it('are not found when they are pruned while they are activated', async () => {
    const { id } = await publish(new Uint8Array(100));
    const activation = await data.database.sqlTransaction(async (client) => {
      await client.query('DELETE FROM models WHERE id = $1', [id]);
      const activating = models().activate('default', id);
      activating.catch(() => undefined);
      await waitFor('the activation to wait for the row', async () => {
        const { rows } = await data.server.query(
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
      await data.server.query('DELETE FROM models WHERE id = $1', [id]);
      return null;
    });
    await expect(repository.activate('default', id)).rejects.toMatchObject({ code: 'model-not-found' });
  });

  it('are one at most that is active, by the database itself', async () => {
    await publish(new Uint8Array(1));
    await expect(data.server.query("UPDATE models SET status = 'active'")).rejects.toThrow(
      'models_one_active_per_catalog',
    );
  });
});
