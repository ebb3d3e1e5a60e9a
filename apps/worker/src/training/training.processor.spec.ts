import { Logger } from '@nestjs/common';
import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { DomainError } from '#domain';
import type { QueueConnection, TrainingJob } from '#queue';
import { strictFake } from '../testing/strict-fake.js';
import { TrainingProcessor } from './training.processor.js';
import type { TrainingService } from './training.service.js';

const BOUND_MS = 60_000;

describe('TrainingProcessor', () => {
  const train = jest.fn<Promise<void>, [string, AbortSignal]>();
  const fail = jest.fn();
  const release = jest.fn();
  const moveToWait = jest.fn();
  /** Lets everything that is ready happen. */
  const turn = () => new Promise(setImmediate);
  let processor: TrainingProcessor;
  const aJob = (attemptsMade = 0): Job<TrainingJob> =>
    strictFake<Job<TrainingJob>>({
      data: { runId: 'run-1' },
      attemptsMade,
      opts: { attempts: 3 },
      moveToWait,
    });
  const trainUntilAborted = (_runId: string, signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

  beforeEach(() => {
    jest.resetAllMocks();
    release.mockResolvedValue(undefined);
    Logger.overrideLogger(false);
    const attempt: QueueConnection['attempt'] = async (operation) => operation();
    processor = new TrainingProcessor(
      strictFake<TrainingService>({ train, fail, release }),
      strictFake<QueueConnection>({ attempt }),
    );
  });

  it('completes the job when the run is finished', async () => {
    await processor.process(aJob(), 'token');
    expect(train).toHaveBeenCalledWith('run-1', expect.any(AbortSignal));
    expect(processor.isBusy).toBe(false);
  });

  it('lets BullMQ retry a passing fault without failing the run', async () => {
    const fault = new DomainError('database-unavailable', 'away');
    train.mockRejectedValue(fault);
    await expect(processor.process(aJob(1), 'token')).rejects.toBe(fault);
    expect(fail).not.toHaveBeenCalled();
  });

  it('fails the run when a passing fault outlasts the last attempt', async () => {
    const fault = new DomainError('database-unavailable', 'away');
    train.mockRejectedValue(fault);
    await expect(processor.process(aJob(2), 'token')).rejects.toBeInstanceOf(UnrecoverableError);
    expect(fail).toHaveBeenCalledWith('run-1', fault);
  });

  it.each([new DomainError('no-training-data', 'nothing'), new TypeError('bug')])(
    'fails the run for good on %s',
    async (error) => {
      train.mockRejectedValue(error);
      await expect(processor.process(aJob(), 'token')).rejects.toBeInstanceOf(UnrecoverableError);
      expect(fail).toHaveBeenCalledWith('run-1', error);
    },
  );

  it('puts the job back on shutdown', async () => {
    train.mockImplementation(trainUntilAborted);
    const processing = processor.process(aJob(), 'token');
    const refused = expect(processing).rejects.toBeInstanceOf(WaitingError);
    await turn();
    await processor.interruptAll(BOUND_MS);
    await refused;
    expect(release).toHaveBeenCalledWith('run-1');
    expect(moveToWait).toHaveBeenCalledWith('token');
    expect(fail).not.toHaveBeenCalled();
  });

  it('puts the job back after the bound, although the attempt has not ended', async () => {
    train.mockReturnValue(new Promise(() => undefined));
    void processor.process(aJob(), 'token');
    await turn();
    await processor.interruptAll(0);
    expect(release).toHaveBeenCalledWith('run-1');
    expect(moveToWait).toHaveBeenCalledWith('token');
  });

  it('puts a job back that it is given while it ends', async () => {
    await processor.interruptAll(BOUND_MS);
    await expect(processor.process(aJob(), 'token')).rejects.toBeInstanceOf(WaitingError);
    expect(train).not.toHaveBeenCalled();
    expect(moveToWait).toHaveBeenCalledWith('token');
  });

  it('puts the job back when the row of the run cannot be told', async () => {
    train.mockImplementation(trainUntilAborted);
    release.mockRejectedValue(new DomainError('database-unavailable', 'away'));
    const refused = expect(processor.process(aJob(), 'token')).rejects.toBeInstanceOf(WaitingError);
    await turn();
    await processor.interruptAll(BOUND_MS);
    await refused;
    expect(moveToWait).toHaveBeenCalledWith('token');
  });

  it('leaves the job to be found stalled when the queue cannot be told on shutdown', async () => {
    train.mockImplementation(trainUntilAborted);
    moveToWait.mockRejectedValue(new DomainError('queue-unavailable', 'away'));
    const refused = expect(processor.process(aJob(), 'token')).rejects.toBeInstanceOf(WaitingError);
    await turn();
    await processor.interruptAll(BOUND_MS);
    await refused;
    expect(fail).not.toHaveBeenCalled();
  });

  it('ends an attempt whose lock is lost without touching the job or the run', async () => {
    train.mockImplementation(trainUntilAborted);
    const refused = expect(processor.process(aJob(), 'token')).rejects.toBeInstanceOf(UnrecoverableError);
    await turn();
    processor.onLockRenewalFailed(['run-other', 'run-run-1']);
    await refused;
    expect(moveToWait).not.toHaveBeenCalled();
    expect(fail).not.toHaveBeenCalled();
  });

  it('ends its older attempt before it begins the same run anew', async () => {
    train.mockImplementationOnce(trainUntilAborted);
    const refused = expect(processor.process(aJob(), 'old')).rejects.toBeInstanceOf(UnrecoverableError);
    await turn();
    await processor.process(aJob(), 'new');
    await refused;
    expect(train).toHaveBeenCalledTimes(2);
    expect(processor.isBusy).toBe(false);
  });
});
