import { randomUUID } from 'node:crypto';
import { SchedulesRepository, TrainingRunsRepository } from '#data';
import type { RunLeaderboard } from '#domain';
import { SCHEDULE, TestData } from './testing/test-data.js';

describe('training runs in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const runs = () => new TrainingRunsRepository(data.database);
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
    expect(await runs().reportProgress(id, { stage: 'fitting', progress: 0.5, estimatedBytes: 5e9 })).toEqual(
      { cancelRequested: false },
    );
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

describe('schedules in PostgreSQL', () => {
  const data = TestData.ofSuite();

  it('keeps schedules and what came of them', async () => {
    const schedules = new SchedulesRepository(data.database);
    expect((await schedules.put(SCHEDULE)).created).toBe(true);
    expect(
      (await schedules.put({ ...SCHEDULE, gate: { metric: 'ndcg@20', minRatioToActive: 0.9 } })).created,
    ).toBe(false);
    await schedules.recordOutcome('default', 'nightly', 'done');
    expect(await schedules.load('default', 'nightly')).toMatchObject({
      lastOutcome: 'done',
      gate: { metric: 'ndcg@20' },
    });
    await schedules.delete('default', 'nightly');
    await expect(schedules.load('default', 'nightly')).rejects.toMatchObject({ code: 'schedule-not-found' });
    await expect(schedules.put({ ...SCHEDULE, catalogId: 'nope' })).rejects.toMatchObject({
      code: 'catalog-not-found',
    });
  });
});
