import { waitFor, type ServiceProcess } from '../../support/processes.js';
import { CATALOG, LARGE, WorkerHarness } from './harness.js';

/** Fits of a second or more, so that a worker can be killed in the middle of them. */
const SETTINGS = {
  factors: 8,
  epochs: 40,
  patience: 40,
  batchSize: 2_048,
  contrastWeight: 0.001,
  contrast: 'sampled',
  contrastSamples: 16,
};
const EVERY_EPOCH = { TRAINING_CHECKPOINT_SECONDS: '0', LOG_LEVEL: 'debug' };
const LIMIT_MS = 120_000;

const epochsOf = (worker: ServiceProcess) => worker.log.filter(({ event }) => event === 'training.epoch');

describe('checkpoints of a training run', () => {
  let harness: WorkerHarness;
  let undisturbed: ReturnType<typeof trainUndisturbed> | undefined;

  beforeEach(async () => {
    harness = await WorkerHarness.create('PostgreSQL');
    await harness.record(LARGE);
  });
  afterEach(() => harness.close());

  const reachEpoch = (id: string, stage: string, epoch: number) =>
    waitFor(
      `epoch ${epoch} of ${stage}`,
      async () => {
        const run = await harness.loadRun(id);
        return run.stage === stage && run.epoch?.phase === 'choosing' && run.epoch.epoch >= epoch;
      },
      LIMIT_MS,
    );

  const trainUndisturbed = async () => {
    const other = await WorkerHarness.create('PostgreSQL');
    try {
      await other.record(LARGE);
      await other.startWorker({ TRAINING_THREADS: '2' });
      const run = await other.waitUntilFinished(
        (await other.startRun(SETTINGS, { kind: 'lightgcl' })).id,
        LIMIT_MS,
      );
      const model = await other.models.load(CATALOG, run.modelId ?? '');
      return { model, artifact: await other.loadArtifact(model.id) };
    } finally {
      await other.close();
    }
  };

  it.each([
    ['the first fit', 'fitting', 2],
    ['the last fit', 'refitting', 1],
  ])(
    'another worker goes on in the middle of %s when one is killed, and makes the same model',
    async (_, stage, fits) => {
      const doomed = await harness.startWorker(EVERY_EPOCH);
      const { id } = await harness.startRun(SETTINGS, { kind: 'lightgcl' });
      await reachEpoch(id, stage, 4);
      // A fit does not wait until a checkpoint is stored: the first one may have been begun before.
      for (let stored = 0; stored < 2; stored++)
        await doomed.waitForEvent('training.checkpoint-stored', undefined, { since: doomed.log.length });
      await doomed.kill('SIGKILL');
      expect(await harness.checkpoints.load(id)).not.toBeNull();

      const heir = await harness.startWorker(EVERY_EPOCH);
      await heir.waitForEvent('training.resumed', (line) => line['runId'] === id);
      const first = await heir.waitForEvent('training.epoch');
      expect(first).toMatchObject({ phase: 'choosing' });
      expect(first['epoch']).toBeGreaterThan(4);

      const run = await harness.waitUntilFinished(id, LIMIT_MS);
      expect(run).toMatchObject({ status: 'succeeded', attempts: 2, epoch: { phase: 'final' } });
      const begun = epochsOf(heir).filter((line) => line['phase'] === 'final' && line['epoch'] === 1);
      expect(begun).toHaveLength(fits);
      const resumed = await harness.models.load(CATALOG, run.modelId ?? '');
      const { model, artifact } = await (undisturbed ??= trainUndisturbed());
      expect(await harness.loadArtifact(resumed.id)).toEqual(artifact);
      expect(resumed.metrics).toEqual(model.metrics);
      expect(await harness.checkpoints.load(id)).toBeNull();
    },
    3 * LIMIT_MS,
  );

  it('vanish when the run is cancelled, and come back with no late save', async () => {
    await harness.startWorker(EVERY_EPOCH);
    const { id } = await harness.startRun(SETTINGS, { kind: 'lightgcl' });
    await waitFor('a checkpoint', () => harness.checkpoints.load(id), LIMIT_MS);
    await harness.runs.requestCancel(CATALOG, id);
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'cancelled' });
    expect(await harness.checkpoints.load(id)).toBeNull();
    expect(await harness.checkpoints.save(id, Uint8Array.of(1))).toBe(false);
    expect(await harness.checkpoints.load(id)).toBeNull();
  });

  it('are not kept more often than they shall be', async () => {
    const worker = await harness.startWorker({ LOG_LEVEL: 'debug', TRAINING_CHECKPOINT_SECONDS: '86400' });
    const { id } = await harness.startRun({ ...SETTINGS, epochs: 5 }, { kind: 'lightgcl' });
    await harness.waitUntilFinished(id, LIMIT_MS);
    await worker.kill('SIGTERM');
    expect(epochsOf(worker).length).toBeGreaterThanOrEqual(12);
    // The figures of the first fit are kept when they are there.
    expect(worker.log.filter(({ event }) => event === 'training.checkpoint-stored')).toHaveLength(1);
  });

  it('replace each other, in one piece or in several', async () => {
    const { id } = await harness.createRun();
    for (const size of [5_000_000, 3, 0, 4_194_304]) {
      const bytes = new Uint8Array(size).fill(size % 251);
      expect(await harness.checkpoints.save(id, bytes)).toBe(true);
      const loaded = await harness.checkpoints.load(id);
      expect(loaded ? Buffer.compare(loaded, bytes) : null).toBe(size === 0 ? null : 0);
    }
  });
});
