import { Logger } from '@nestjs/common';
import type { ModelsRepository, Snapshot, TrainingRunsRepository } from '#data';
import { DomainError } from '#domain';
import type { RunCounts } from '../telemetry/run-counts.js';
import { aComparedKind, aModel, aRun } from '../testing/builders.js';
import { strictFake } from '../testing/strict-fake.js';
import type { ComputeOptions, ComputePool } from './compute-pool.js';
import type { PromotionService } from './promotion.service.js';
import type { TrainingDataService } from './training-data.service.js';
import { TrainingService } from './training.service.js';

const SNAPSHOT: Snapshot = {
  userKeys: new Int32Array([0, 1]),
  itemKeys: new Int32Array([0, 1, 2]),
  indptr: new Uint32Array([0, 2, 4]),
  indices: new Uint32Array([0, 1, 1, 2]),
  values: new Float32Array([1, 1, 1, 1]),
  hash: 'hash',
  postgresVersion: '17.0',
};
const TRAINED = { artifact: new Uint8Array(3), metrics: {}, baseline: {}, kernel: 'simd128', timingsMs: {} };
const LIMIT = { peakBytes: 5_000, flops: 1e12 };
const LEADERBOARD = [aComparedKind()];

describe('TrainingService', () => {
  const runs = {
    claim: jest.fn(),
    find: jest.fn(),
    finish: jest.fn(),
    recordLeaderboard: jest.fn(),
    reportProgress: jest.fn(),
  };
  const models = { findEqual: jest.fn(), publish: jest.fn() };
  const data = { estimate: jest.fn(), load: jest.fn() };
  const pool = { assertMayTrain: jest.fn(), train: jest.fn() };
  const promotion = { promote: jest.fn(), recordOutcome: jest.fn() };
  const counts = { noteEnd: jest.fn(), noteStages: jest.fn() };
  const service = new TrainingService(
    strictFake<TrainingRunsRepository>(runs),
    strictFake<ModelsRepository>(models),
    strictFake<TrainingDataService>(data),
    strictFake<ComputePool>(pool),
    strictFake<PromotionService>(promotion),
    strictFake<RunCounts>(counts),
  );
  let interruption: AbortController;
  const train = () => service.train('run-1', interruption.signal);

  /** A compute thread that works until it is aborted. */
  const workUntilAborted = (_input: unknown, { signal }: ComputeOptions) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

  beforeEach(() => {
    jest.resetAllMocks();
    Logger.overrideLogger(false);
    interruption = new AbortController();
    runs.claim.mockResolvedValue(aRun());
    runs.find.mockResolvedValue(aRun());
    runs.reportProgress.mockResolvedValue({ cancelRequested: false });
    data.estimate.mockResolvedValue({
      estimatedBytes: 1_000,
      leaderboardLimit: LIMIT,
      assertWithinBudget: () => undefined,
    });
    data.load.mockResolvedValue(SNAPSHOT);
    models.findEqual.mockResolvedValue(null);
    models.publish.mockResolvedValue(aModel());
    pool.train.mockResolvedValue(TRAINED);
  });

  it('publishes the model, then promotes it, then finishes the run', async () => {
    await train();
    const [publication] = models.publish.mock.lastCall as [Record<string, unknown>];
    expect(publication).toMatchObject({ runId: 'run-1', numUsers: 2, numItems: 3, numInteractions: 4 });
    expect(promotion.promote).toHaveBeenCalledWith(aRun(), {
      model: aModel(),
      unchanged: false,
      leaderboard: null,
    });
    expect(runs.finish).toHaveBeenCalledWith(
      'run-1',
      expect.objectContaining({
        status: 'succeeded',
        modelId: 'model-1',
        unchanged: false,
      }),
    );
    const [published, promoted, finished] = [models.publish, promotion.promote, runs.finish].map(
      (call) => call.mock.invocationCallOrder[0] ?? NaN,
    );
    expect(published).toBeLessThan(promoted ?? NaN);
    expect(promoted).toBeLessThan(finished ?? NaN);
  });

  it("goes on with the other worker's model when two published at once", async () => {
    models.publish.mockResolvedValue(aModel({ id: 'first' }));
    await train();
    expect(promotion.promote).toHaveBeenCalledWith(aRun(), {
      model: aModel({ id: 'first' }),
      unchanged: false,
      leaderboard: null,
    });
    expect(runs.finish).toHaveBeenCalledWith('run-1', expect.objectContaining({ modelId: 'first' }));
  });

  it('does nothing when the run is finished already', async () => {
    runs.claim.mockResolvedValue(null);
    await train();
    expect(data.estimate).not.toHaveBeenCalled();
    expect(runs.finish).not.toHaveBeenCalled();
  });

  it('trains nothing when another run made an equal model', async () => {
    models.findEqual.mockResolvedValue(aModel({ runId: 'run-0' }));
    await train();
    expect(pool.train).not.toHaveBeenCalled();
    expect(runs.finish).toHaveBeenCalledWith('run-1', expect.objectContaining({ unchanged: true }));
  });

  it('goes on from its own model when it was interrupted after publishing', async () => {
    models.findEqual.mockResolvedValue(aModel({ runId: 'run-1' }));
    await train();
    expect(pool.train).not.toHaveBeenCalled();
    expect(promotion.promote).toHaveBeenCalledWith(aRun(), {
      model: aModel(),
      unchanged: false,
      leaderboard: null,
    });
  });

  it('compares no other kinds unless the run asks for it', async () => {
    await train();
    expect(pool.train.mock.lastCall?.[0]).toMatchObject({ leaderboardLimit: undefined });
    expect(runs.recordLeaderboard).not.toHaveBeenCalled();
  });

  describe('with a leaderboard', () => {
    const run = aRun({ withLeaderboard: true });

    beforeEach(() => {
      runs.claim.mockResolvedValue(run);
      runs.find.mockResolvedValue(run);
      pool.train.mockResolvedValue({ ...TRAINED, leaderboard: LEADERBOARD });
    });

    it('compares within the limit, and keeps the rows before there is a model', async () => {
      await train();
      expect(pool.train.mock.lastCall?.[0]).toMatchObject({ leaderboardLimit: LIMIT });
      expect(runs.recordLeaderboard).toHaveBeenCalledWith('run-1', LEADERBOARD);
      expect(runs.recordLeaderboard.mock.invocationCallOrder[0]).toBeLessThan(
        models.publish.mock.invocationCallOrder[0] ?? NaN,
      );
      const result = { model: aModel(), unchanged: false, leaderboard: LEADERBOARD };
      expect(promotion.promote).toHaveBeenCalledWith(run, result);
    });

    it('keeps what the run of an equal model has compared, and trains nothing', async () => {
      models.findEqual.mockResolvedValue(aModel({ runId: 'run-0' }));
      runs.find.mockResolvedValue(aRun({ id: 'run-0', leaderboard: LEADERBOARD }));
      await train();
      expect(runs.find).toHaveBeenCalledWith('run-0');
      expect(pool.train).not.toHaveBeenCalled();
      expect(runs.recordLeaderboard).toHaveBeenCalledWith('run-1', LEADERBOARD);
      expect(runs.finish).toHaveBeenCalledWith('run-1', expect.objectContaining({ unchanged: true }));
    });

    it('trains again when the run of an equal model compared nothing', async () => {
      models.findEqual.mockResolvedValue(aModel({ runId: 'run-0' }));
      await train();
      expect(pool.train).toHaveBeenCalledTimes(1);
      expect(runs.finish).toHaveBeenCalledWith('run-1', expect.objectContaining({ unchanged: false }));
    });

    it('goes on with the rows of an attempt that was interrupted after publishing', async () => {
      const resumed = aRun({ withLeaderboard: true, leaderboard: LEADERBOARD });
      runs.claim.mockResolvedValue(resumed);
      models.findEqual.mockResolvedValue(aModel({ runId: 'run-1' }));
      await train();
      const result = { model: aModel(), unchanged: false, leaderboard: LEADERBOARD };
      expect(promotion.promote).toHaveBeenCalledWith(resumed, result);
    });
  });

  it('loads nothing when the run does not fit into memory', async () => {
    const refusal = new DomainError('memory-budget-exceeded', 'too large');
    const refuse = () => {
      throw refusal;
    };
    data.estimate.mockResolvedValue({ estimatedBytes: 1_000, assertWithinBudget: refuse });
    await expect(train()).rejects.toBe(refusal);
    expect(data.load).not.toHaveBeenCalled();
    expect(runs.reportProgress).toHaveBeenCalledWith(
      'run-1',
      expect.objectContaining({ estimatedBytes: 1_000 }),
    );
  });

  it.each([
    ['finished', aRun({ status: 'succeeded' })],
    ['taken over', aRun({ attempts: 2 })],
    ['deleted', null],
  ])('drops its model when the run was %s meanwhile', async (_, current) => {
    runs.find.mockResolvedValue(current);
    await train();
    expect(models.publish).not.toHaveBeenCalled();
    expect(runs.finish).not.toHaveBeenCalled();
  });

  it('ends the thread and the run when someone cancels', async () => {
    pool.train.mockImplementation(workUntilAborted);
    runs.reportProgress.mockResolvedValue({ cancelRequested: true });
    await train();
    expect(runs.finish).toHaveBeenCalledWith('run-1', { status: 'cancelled' });
    expect(models.publish).not.toHaveBeenCalled();
  });

  it('counts each attempt once by its outcome, and the time of its stages', async () => {
    await service.fail('run-1', new TypeError('broken'));
    expect(counts.noteEnd.mock.calls).toEqual([['ease', 'failed']]);
    pool.train.mockImplementation(workUntilAborted);
    runs.reportProgress.mockResolvedValue({ cancelRequested: true });
    runs.find.mockResolvedValue(aRun({ status: 'cancelled' }));
    await train();
    runs.find.mockResolvedValue(aRun({ status: 'succeeded' }));
    await train();
    expect(counts.noteEnd.mock.calls.slice(1)).toEqual([
      ['ease', 'cancelled'],
      ['ease', 'superseded'],
    ]);
    expect(counts.noteStages.mock.calls).toEqual(Array(2).fill(['ease', { estimating: expect.any(Number) }]));
  });

  it('does not call a run cancelled that another worker finished', async () => {
    const run = aRun({ scheduleName: 'nightly' });
    runs.claim.mockResolvedValue(run);
    pool.train.mockImplementation(workUntilAborted);
    runs.reportProgress.mockResolvedValue({ cancelRequested: true });
    runs.find.mockResolvedValue({ ...run, status: 'succeeded' });
    await train();
    expect(promotion.recordOutcome).not.toHaveBeenCalled();
  });

  it('cancels a run it took over from a worker that could not', async () => {
    runs.claim.mockResolvedValue(aRun({ cancelRequested: true }));
    await train();
    expect(data.load).not.toHaveBeenCalled();
    expect(runs.finish).toHaveBeenCalledWith('run-1', { status: 'cancelled' });
  });

  it('leaves the run unfinished when it is interrupted', async () => {
    pool.train.mockImplementation((input, options: ComputeOptions) => {
      setImmediate(() => interruption.abort('shutdown'));
      return workUntilAborted(input, options);
    });
    await expect(train()).rejects.toThrow('aborted');
    expect(runs.finish).not.toHaveBeenCalled();
    expect(counts.noteEnd.mock.calls).toEqual([['ease', 'interrupted']]);
  });

  it('gives up on a run that keeps losing its worker', async () => {
    runs.claim.mockResolvedValue(aRun({ attempts: 21 }));
    await expect(train()).rejects.toMatchObject({ code: 'internal-error' });
    expect(data.estimate).not.toHaveBeenCalled();
  });

  describe('fail', () => {
    it("keeps a DomainError's code and detail", async () => {
      await service.fail('run-1', new DomainError('no-training-data', 'nothing there'));
      const error = { code: 'no-training-data', detail: 'nothing there' };
      expect(runs.finish).toHaveBeenCalledWith('run-1', { status: 'failed', error });
      expect(promotion.recordOutcome).toHaveBeenCalledWith(aRun(), 'run run-1 failed: nothing there');
    });

    it('does not show the words of an unexpected error', async () => {
      await service.fail('run-1', new TypeError('secret'));
      const [, outcome] = runs.finish.mock.lastCall as [string, { error: { code: string; detail: string } }];
      expect(outcome.error.code).toBe('internal-error');
      expect(outcome.error.detail).not.toContain('secret');
    });
  });
});
