import { decodeServedModel, modelRegistry } from '#models';
import { waitFor } from '../../support/processes.js';
import { describeOnBackends } from '../../support/redis.js';
import { CATALOG, FREQUENT_SCHEDULE, HUGE, LARGE, SMALL, WorkerHarness } from './harness.js';

/** From the loss of a worker until another has taken its run over. */
const TAKEOVER_LIMIT_MS = 15_000;
/** Of a run that may compare all kinds beside other suites. */
const OUTCOME_LIMIT_MS = 55_000;
const UNREACHABLE_DATABASE = 'postgresql://nobody@127.0.0.1:1/nothing';

describeOnBackends('a worker', ({ backend }) => {
  let harness: WorkerHarness;

  beforeEach(async () => {
    harness = await WorkerHarness.create(backend);
  });
  afterEach(async () => {
    await harness.close();
  });

  it('trains, evaluates and activates a model, and trains no equal one again', async () => {
    await harness.record(SMALL);
    await harness.startWorker({ TRAINING_THREADS: '2' });
    const run = await harness.waitUntilFinished((await harness.startRun()).id);
    expect(run).toMatchObject({
      status: 'succeeded',
      stage: 'done',
      progress: 1,
      unchanged: false,
      error: null,
    });
    expect(run.peakRssBytes).toBeGreaterThan(0);
    expect(Object.keys(run.timingsMs)).toEqual(expect.arrayContaining(['loading', 'writing']));

    const model = await harness.models.findActive(CATALOG);
    expect(model).toMatchObject({ id: run.modelId, runId: run.id, numUsers: SMALL.numUsers });
    expect(Object.keys(model?.metrics ?? {})).toEqual(expect.arrayContaining(['recall@20', 'ndcg@20']));
    const served = decodeServedModel(await harness.loadArtifact(run.modelId ?? ''));
    expect(served.itemKeys).toHaveLength(model?.numItems ?? 0);

    const again = await harness.waitUntilFinished((await harness.startRun()).id);
    expect(again).toMatchObject({ status: 'succeeded', unchanged: true, modelId: run.modelId });
  });

  it('takes over the run of a worker that was killed', async () => {
    await harness.record(LARGE);
    const doomed = await harness.startWorker();
    const { id } = await harness.startRun();
    await harness.waitForStage(id, 'fitting');
    await doomed.kill('SIGKILL');
    const heir = await harness.startWorker();
    await heir.waitForEvent('training.started', (line) => line['runId'] === id, {
      limitMs: TAKEOVER_LIMIT_MS,
    });
    const run = await harness.waitUntilFinished(id);
    expect(run).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  it('cancels a run that is being trained', async () => {
    await harness.record(LARGE);
    const worker = await harness.startWorker();
    const { id } = await harness.startRun();
    await harness.waitForStage(id, 'fitting');
    await harness.runs.requestCancel(CATALOG, id);
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'cancelled', modelId: null });
    await worker.waitForEvent('training.cancelled');
    expect(await harness.models.findActive(CATALOG)).toBeNull();
  });

  it('passes over a run that was cancelled while it waited', async () => {
    await harness.record(SMALL);
    const { id } = await harness.startRun();
    await harness.runs.requestCancel(CATALOG, id);
    const worker = await harness.startWorker();
    await worker.waitForEvent('training.skipped', (line) => line['runId'] === id);
    expect(await harness.loadRun(id)).toMatchObject({ status: 'cancelled', attempts: 0 });
  });

  it('publishes one model of a run whose job vanished while two workers were there', async () => {
    await harness.record(LARGE);
    await Promise.all([harness.startWorker(), harness.startWorker()]);
    const { id } = await harness.startRun();
    await harness.waitForStage(id, 'fitting');
    await harness.forgetJobs();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded' });
    expect((await harness.models.findPage(CATALOG, null, 10)).items).toHaveLength(1);
  });

  it('goes on when all its database connections break', async () => {
    await harness.record(LARGE);
    await harness.startWorker();
    const { id } = await harness.startRun();
    await harness.waitForStage(id, 'fitting');
    await harness.breakDatabaseConnections();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  it('tells its health by an exit code', async () => {
    expect(await harness.spawnHealthCheck().exited()).toBe(0);
    expect(await harness.spawnHealthCheck({ DATABASE_URL: UNREACHABLE_DATABASE }).exited()).toBe(1);
  });

  it('trains on schedule once, then finds the data unchanged', async () => {
    await harness.record(SMALL);
    await harness.startWorker();
    await harness.putFrequentSchedule();
    const outcome = await waitForOutcome(harness, /^data unchanged since model/);
    const model = await harness.models.findActive(CATALOG);
    expect(outcome).toBe(`data unchanged since model ${model?.id ?? ''}; trained nothing`);
    expect((await harness.models.findPage(CATALOG, null, 10)).items).toHaveLength(1);

    await harness.record(SMALL, SMALL.numUsers);
    await waitFor('another model', async () => {
      const active = await harness.models.findActive(CATALOG);
      return active?.id !== model?.id;
    });
  });
});

/** It is the same wherever jobs are kept. */
describe('a run of a worker', () => {
  let harness: WorkerHarness;

  beforeEach(async () => {
    harness = await WorkerHarness.create('PostgreSQL');
  });
  afterEach(async () => {
    await harness.close();
  });

  it('refuses a run beyond the memory budget with the numbers', async () => {
    await harness.record(HUGE);
    await harness.startWorker({ TRAINING_MEMORY_MB: '64' });
    const run = await harness.waitUntilFinished((await harness.startRun()).id);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'memory-budget-exceeded' } });
    expect(run.error?.detail).toMatch(/needs about \d+ bytes .* budget is 67108864 bytes/);
    expect(run.estimatedBytes).toBeGreaterThan(64 * 1024 * 1024);
  });

  it('fails a run on an empty catalog for good', async () => {
    await harness.startWorker();
    const run = await harness.waitUntilFinished((await harness.startRun()).id);
    expect(run).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'no-training-data' } });
  });

  it('keeps the five newest models beside the active one', async () => {
    await harness.record(SMALL);
    await harness.startWorker();
    for (let regularization = 1; regularization <= 8; regularization++)
      await harness.waitUntilFinished((await harness.startRun({ regularization })).id);
    const { items: models } = await harness.models.findPage(CATALOG, null, 10);
    expect(models.map(({ parameters }) => parameters['regularization'])).toEqual([8, 7, 6, 5, 4, 3]);
    expect(models.map(({ status }) => status)).toEqual(['active', ...Array(5).fill('archived')]);
  });

  it('keeps a scheduled model ready that does not pass its gate', async () => {
    await harness.record(SMALL);
    await harness.startWorker();
    const { modelId } = await harness.waitUntilFinished((await harness.startRun()).id);
    await harness.record(SMALL, SMALL.numUsers);
    await harness.putFrequentSchedule({ metric: 'ndcg@20', minRatioToActive: 1_000 });
    const outcome = await waitForOutcome(harness, /it stays ready/);
    expect(outcome).toMatch(/ndcg@20 [\d.]+ is below 1000 × [\d.]+ of the active model/);
    expect((await harness.models.findActive(CATALOG))?.id).toBe(modelId);
  });

  it('compares all kinds on request, and keeps the figures with the run', async () => {
    await harness.record(SMALL);
    await harness.startWorker();
    const request = { withLeaderboard: true };
    const run = await harness.waitUntilFinished((await harness.startRun({}, request)).id);
    expect(run).toMatchObject({ status: 'succeeded', unchanged: false });
    expect(run.timingsMs).toHaveProperty('comparing');
    expect(run.leaderboard?.map(({ model }) => model)).toEqual([...modelRegistry.keys()]);
    const model = await harness.models.findActive(CATALOG);
    const own = run.leaderboard?.find((row) => row.model === 'ease');
    expect(own).toMatchObject({ metrics: model?.metrics, parameters: model?.parameters });
    expect(run.leaderboard).toContainEqual(
      expect.objectContaining({ model: 'popularity', metrics: model?.baseline }),
    );
    const { k: _k, exposure: _exposure, ...figures } = model!.breadth!.model;
    expect(own).toMatchObject(figures);

    const again = await harness.waitUntilFinished((await harness.startRun({}, request)).id);
    expect(again).toMatchObject({ unchanged: true, leaderboard: run.leaderboard });
    const plain = await harness.waitUntilFinished((await harness.startRun({ regularization: 7 })).id);
    expect(plain).toMatchObject({ status: 'succeeded', leaderboard: null });
  });

  it('cancels a run while it compares kinds', async () => {
    await harness.record(LARGE);
    await harness.startWorker();
    // Its own fit is over at once; that of ease takes seconds.
    const { id } = await harness.startRun({}, { withLeaderboard: true, kind: 'popularity' });
    await harness.waitForStage(id, 'comparing');
    await harness.runs.requestCancel(CATALOG, id);
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'cancelled', leaderboard: null });
    expect(await harness.models.findActive(CATALOG)).toBeNull();
  });

  it('keeps a scheduled model ready when another kind is better beyond doubt', async () => {
    await harness.record(SMALL);
    await harness.startWorker();
    await harness.putFrequentSchedule({ metric: 'ndcg@20', mustBeBestOf: 'leaderboard' }, 'popularity');
    const outcome = await waitForOutcome(harness, /it stays ready/);
    expect(outcome).toMatch(
      /ndcg@20 of [a-z-]+ is 0\.\d{4} higher on the same users \(95 %: 0\.\d{4} to 0\.\d{4}\)$/,
    );
    expect(await harness.models.findActive(CATALOG)).toBeNull();
  });
});

async function waitForOutcome(harness: WorkerHarness, pattern: RegExp): Promise<string> {
  const find = async () => {
    const { lastOutcome } = await harness.schedules.load(CATALOG, FREQUENT_SCHEDULE);
    return lastOutcome !== null && pattern.test(lastOutcome) ? lastOutcome : null;
  };
  return waitFor(`an outcome like ${pattern.source}`, find, OUTCOME_LIMIT_MS);
}
