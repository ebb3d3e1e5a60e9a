import type { SchedulesRepository, TrainingRunsRepository } from '@app/data';
import { DomainError } from '@app/domain';
import type { TrainingQueue } from '@app/queue';
import { Logger } from '@nestjs/common';
import { aRun, aSchedule } from '../testing/builders.js';
import { strictFake } from '../testing/strict-fake.js';
import { ScheduleTicksService } from './schedule-ticks.service.js';

describe('ScheduleTicksService', () => {
  const load = jest.fn();
  const recordOutcome = jest.fn();
  const create = jest.fn();
  const findUnfinished = jest.fn();
  const enqueue = jest.fn();
  const ticks = new ScheduleTicksService(
    strictFake<SchedulesRepository>({ load, recordOutcome }),
    strictFake<TrainingRunsRepository>({ create, findUnfinished }),
    strictFake<TrainingQueue>({ enqueue }),
  );
  const tick = () => ticks.tick({ catalogId: 'default', scheduleName: 'nightly' });

  beforeEach(() => {
    jest.resetAllMocks();
    Logger.overrideLogger(false);
    load.mockResolvedValue(aSchedule());
    findUnfinished.mockResolvedValue([]);
    create.mockResolvedValue(aRun({ scheduleName: 'nightly', status: 'queued' }));
  });

  it('creates and enqueues a run that names its schedule', async () => {
    await tick();
    expect(create).toHaveBeenCalledWith({
      catalogId: 'default',
      kind: 'ease',
      parameters: {},
      withLeaderboard: false,
      activate: true,
      scheduleName: 'nightly',
    });
    expect(enqueue).toHaveBeenCalledWith('run-1');
    expect(recordOutcome).toHaveBeenCalledWith('default', 'nightly', 'started run run-1');
  });

  it('asks for a leaderboard when the gate needs one', async () => {
    load.mockResolvedValue(aSchedule({ gate: { metric: 'ndcg@20', mustBeBestOf: 'leaderboard' } }));
    await tick();
    expect(create).toHaveBeenCalledWith(expect.objectContaining({ withLeaderboard: true }));
  });

  it('starts nothing while a run of the same schedule is unfinished, and says so', async () => {
    findUnfinished.mockResolvedValue([aRun({ scheduleName: 'nightly', status: 'queued' })]);
    await tick();
    expect(create).not.toHaveBeenCalled();
    expect(recordOutcome.mock.lastCall?.[2]).toBe(
      'run run-1 of this schedule is still queued; started nothing',
    );
  });

  it('does not mind the unfinished runs of others', async () => {
    findUnfinished.mockResolvedValue([
      aRun({ scheduleName: 'nightly', catalogId: 'other' }),
      aRun({ scheduleName: null }),
    ]);
    await tick();
    expect(create).toHaveBeenCalledTimes(1);
  });

  it('leaves the run to the reconciler when the queue is away', async () => {
    enqueue.mockRejectedValue(new DomainError('queue-unavailable', 'away'));
    await expect(tick()).resolves.toBeUndefined();
  });

  it.each([
    ['deleted', () => load.mockRejectedValue(new DomainError('schedule-not-found', 'gone'))],
    ['disabled', () => load.mockResolvedValue(aSchedule({ enabled: false }))],
  ])('does nothing for a schedule that is %s', async (_, arrange) => {
    arrange();
    await tick();
    expect(create).not.toHaveBeenCalled();
    expect(recordOutcome).not.toHaveBeenCalled();
  });
});
