import { Logger } from '@nestjs/common';
import type { Environment } from '#config';
import type { ChangeFeed, OpenPart, TrainingPartsRepository, TrainingRunsRepository } from '#data';
import { DomainError } from '#domain';
import type { BlockQueue, TrainingQueue } from '#queue';
import type { ScheduleMirror } from '../scheduling/schedule-mirror.js';
import type { ScheduleTicksService } from '../scheduling/schedule-ticks.service.js';
import { aRun } from '../testing/builders.js';
import { strictFake } from '../testing/strict-fake.js';
import { BlockRefill } from './block-refill.js';
import type { ListJobRefill } from './list-job-refill.js';
import { Reconciler } from './reconciler.js';
import { RunRefill } from './run-refill.js';

describe('RunRefill', () => {
  it('enqueues only the unfinished runs that the queue does not hold', async () => {
    Logger.overrideLogger(false);
    const enqueue = jest.fn();
    const lost = aRun({ id: 'lost', requestId: 'shop-42' });
    const refill = new RunRefill(
      strictFake<TrainingRunsRepository>({
        findUnfinished: () => Promise.resolve([aRun({ id: 'held' }), lost]),
      }),
      strictFake<TrainingQueue>({ contains: (runId) => Promise.resolve(runId === 'held'), enqueue }),
    );
    await refill.refill();
    expect(enqueue.mock.calls).toEqual([[lost]]);
  });
});

describe('BlockRefill', () => {
  const open: OpenPart[] = [0, 1, 2].map((position) => ({
    ...{ runId: 'run-1', task: 'task-1', position },
    ...{ requestId: null, traceParent: null },
  }));

  it.each([
    ['all parts when the queue holds fewer', open, 2, [[open]]],
    ['none when it holds as many', open, 3, []],
    ['none when it holds more, of runs that have ended', open, 9, []],
    ['none when there are none', [], 0, []],
  ])('enqueues %s', async (_, parts, count, calls) => {
    Logger.overrideLogger(false);
    const enqueueAll = jest.fn();
    const refill = new BlockRefill(
      strictFake<TrainingPartsRepository>({ findOpen: () => Promise.resolve(parts) }),
      strictFake<BlockQueue>({ count: () => Promise.resolve(count), enqueueAll }),
    );
    await refill.refill();
    expect(enqueueAll.mock.calls).toEqual(calls);
  });
});

describe('Reconciler', () => {
  const refill = jest.fn();
  const refillBlocks = jest.fn();
  const refillLists = jest.fn();
  const mirror = jest.fn();
  const takeAllDue = jest.fn();
  const warn = jest.fn();
  let listener: Parameters<ChangeFeed['subscribe']>[0];
  let reconciler: Reconciler;

  beforeEach(async () => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    Logger.overrideLogger({ log: jest.fn(), warn, error: jest.fn() });
    reconciler = new Reconciler(
      strictFake<RunRefill>({ refill }),
      strictFake<ListJobRefill>({ refill: refillLists }),
      strictFake<BlockRefill>({ refill: refillBlocks }),
      strictFake<ScheduleMirror>({ mirror }),
      strictFake<ScheduleTicksService>({ takeAllDue }),
      strictFake<ChangeFeed>({
        start: () => Promise.resolve(),
        subscribe: (subscribed) => {
          listener = subscribed;
          return () => undefined;
        },
      }),
      { RECONCILE_SECONDS: 5 } as Environment,
    );
    await reconciler.onApplicationBootstrap();
  });
  afterEach(async () => {
    await reconciler.beforeApplicationShutdown();
    jest.useRealTimers();
    Logger.overrideLogger(false);
  });

  it('repairs at the start and at every interval', async () => {
    await jest.advanceTimersByTimeAsync(10_000);
    expect(refill).toHaveBeenCalledTimes(3);
    expect(refillBlocks).toHaveBeenCalledTimes(3);
    expect(mirror).toHaveBeenCalledTimes(3);
    expect(takeAllDue).toHaveBeenCalledTimes(3);
  });

  it('mirrors at once when schedules change, and not for other changes', async () => {
    await jest.advanceTimersByTimeAsync(0);
    listener.onChange({ kind: 'schedules-changed', catalogId: 'default' });
    await jest.advanceTimersByTimeAsync(0);
    listener.onChange({ kind: 'model-activated', catalogId: 'default', modelId: 'model-1' });
    await jest.advanceTimersByTimeAsync(0);
    expect(mirror).toHaveBeenCalledTimes(2);
  });

  it('goes on after an outage', async () => {
    refill.mockRejectedValueOnce(new DomainError('queue-unavailable', 'away'));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(warn.mock.calls).toEqual([
      [expect.objectContaining({ event: 'reconciliation.postponed' }), 'Reconciler'],
    ]);
    expect(mirror).toHaveBeenCalledTimes(2);
  });
});
