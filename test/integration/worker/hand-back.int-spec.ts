import { describeOnBackends } from '../../support/redis.js';
import { CATALOG, LARGE, SMALL, WorkerHarness } from './harness.js';

describeOnBackends('a worker that is told to end', ({ backend }) => {
  let harness: WorkerHarness;

  beforeEach(async () => {
    harness = await WorkerHarness.create(backend);
  });
  afterEach(async () => {
    await harness.close();
  });

  const isOf = (runId: string) => (line: { readonly [field: string]: unknown }) => line['runId'] === runId;
  const countModels = async () => (await harness.models.findPage(CATALOG, null, 10)).items.length;

  it('leaves a run that it was training queued, in its row and in the queue', async () => {
    await harness.record(LARGE);
    const leaving = await harness.startWorker();
    const { id } = await harness.startRun();
    await harness.waitForStage(id, 'fitting');
    expect(await leaving.kill('SIGTERM')).toBe(0);
    expect(await harness.loadRun(id)).toMatchObject({ status: 'queued', stage: 'queued', startedAt: null });
    expect(await (await harness.findJob(id))?.getState()).toBe('waiting');
  });

  it('hands a run that it was training to another worker, which does not have to find it stalled', async () => {
    await harness.record(LARGE);
    const leaving = await harness.startWorker();
    const { id } = await harness.startRun();
    await harness.waitForStage(id, 'fitting');
    expect(await leaving.kill('SIGTERM')).toBe(0);
    // Not before: on a loaded machine the fit may be done when a second worker is up.
    const heir = await harness.startWorker();
    await heir.waitForEvent('training.started', isOf(id));
    expect((await harness.findJob(id))?.stalledCounter).toBe(0);
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await countModels()).toBe(1);
  });

  it('finishes a run whose model it was writing, before it ends', async () => {
    await harness.record(SMALL);
    const leaving = await harness.startWorker();
    const held = await harness.hold('models', 'SHARE');
    const { id } = await harness.startRun();
    await held.untilAnyoneWaits();
    await harness.startWorker();
    const exited = leaving.kill('SIGTERM');
    await leaving.waitForEvent('worker.stopping');
    await held.release();
    expect(await exited).toBe(0);
    expect(await harness.loadRun(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(await harness.findJob(id)).toBeUndefined();
    expect(await countModels()).toBe(1);
  });

  it('hands that run back when it cannot finish it within the bound', async () => {
    await harness.record(SMALL);
    const leaving = await harness.startWorker({ DRAIN_SECONDS: '1' });
    const held = await harness.hold('models', 'SHARE');
    const { id } = await harness.startRun();
    await held.untilAnyoneWaits();
    const heir = await harness.startWorker();
    const exited = leaving.kill('SIGTERM');
    await heir.waitForEvent('training.started', isOf(id));
    expect(await exited).toBe(1);
    await held.release();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await countModels()).toBe(1);
  });

  it('does not wait for the data of a run to be read', async () => {
    await harness.record(SMALL);
    const leaving = await harness.startWorker();
    const held = await harness.hold('interactions', 'ACCESS EXCLUSIVE');
    const { id } = await harness.startRun();
    await held.untilAnyoneWaits();
    expect(await leaving.kill('SIGTERM')).toBe(0);
    await held.release();
    expect(await harness.loadRun(id)).toMatchObject({ status: 'queued' });
    await harness.startWorker();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded', attempts: 2 });
  });
});
