import { Logger } from '@nestjs/common';
import type { SchedulesRepository, TakenTick, TickPlan } from '#data';
import { DomainError, type Schedule } from '#domain';
import type { TrainingQueue } from '#queue';
import { aRun, aSchedule } from '../testing/builders.js';
import { strictFake } from '../testing/strict-fake.js';
import { ScheduleTicksService } from './schedule-ticks.service.js';

const DUE_AT = new Date('2026-01-01T02:00:00.000Z');
const IN_TIME = new Date('2026-01-01T02:00:00.500Z');
const LATE = new Date('2026-01-01T05:17:00.000Z');
const STARTED: TakenTick = { started: aRun({ scheduleName: 'nightly' }), unfinished: null };

describe('ScheduleTicksService', () => {
  const load = jest.fn();
  const findAll = jest.fn();
  const takeTick = jest.fn();
  const setFirstTick = jest.fn();
  const recordOutcome = jest.fn();
  const enqueue = jest.fn();
  const ticks = new ScheduleTicksService(
    strictFake<SchedulesRepository>({ load, findAll, takeTick, setFirstTick, recordOutcome }),
    strictFake<TrainingQueue>({ enqueue }),
  );
  const tick = () => ticks.tick({ catalogId: 'default', scheduleName: 'nightly' });
  const plan = () => takeTick.mock.lastCall?.[1] as TickPlan;
  const arrange = (changes: Partial<Schedule> = {}) => {
    load.mockResolvedValue(aSchedule(changes));
    findAll.mockResolvedValue([aSchedule(changes)]);
  };

  beforeEach(() => {
    jest.resetAllMocks();
    jest.useFakeTimers({ now: IN_TIME });
    Logger.overrideLogger(false);
    arrange();
    takeTick.mockResolvedValue(STARTED);
  });
  afterEach(() => jest.useRealTimers());

  it('starts and enqueues a run that names its schedule and its tick', async () => {
    await tick();
    expect(plan()).toMatchObject({
      nextTickAt: new Date('2026-01-02T02:00:00.000Z'),
      run: {
        catalogId: 'default',
        kind: 'ease',
        parameters: {},
        withLeaderboard: false,
        activate: true,
        scheduleName: 'nightly',
        dueAt: DUE_AT,
      },
    });
    expect(plan().describe(STARTED)).toBe('started run run-1');
    expect(enqueue.mock.calls).toEqual([[STARTED.started]]);
  });

  it('asks for a leaderboard when the gate needs one', async () => {
    arrange({ gate: { metric: 'ndcg@20', mustBeBestOf: 'leaderboard' } });
    await tick();
    expect(plan().run).toMatchObject({ withLeaderboard: true });
  });

  it('says which unfinished run kept it from starting one, and enqueues nothing', async () => {
    const taken = { started: null, unfinished: { id: 'run-1', status: 'queued' } };
    takeTick.mockResolvedValue(taken);
    await tick();
    expect(plan().describe(taken)).toBe('run run-1 of this schedule is still queued; started nothing');
    expect(enqueue).not.toHaveBeenCalled();
  });

  it('takes several missed ticks as one, and says that it was late', async () => {
    jest.setSystemTime(LATE);
    arrange({ cron: '0 * * * *' });
    await ticks.takeAllDue();
    expect(takeTick).toHaveBeenCalledTimes(1);
    expect(plan()).toMatchObject({
      nextTickAt: new Date('2026-01-01T06:00:00.000Z'),
      run: { dueAt: DUE_AT },
    });
    expect(plan().describe(STARTED)).toBe(
      'started run run-1 (late: it was due at 2026-01-01T02:00:00.000Z, and no worker ran)',
    );
  });

  it('skips a missed tick where it is told to, and says so', async () => {
    jest.setSystemTime(LATE);
    arrange({ missed: 'skip' });
    takeTick.mockResolvedValue({ started: null, unfinished: null });
    await ticks.takeAllDue();
    expect(plan()).toMatchObject({ nextTickAt: new Date('2026-01-02T02:00:00.000Z'), run: null });
    expect(plan().describe({ started: null, unfinished: null })).toBe(
      'skipped a tick (late: it was due at 2026-01-01T02:00:00.000Z, and no worker ran)',
    );
    expect(enqueue).not.toHaveBeenCalled();
  });

  it('runs in time where missed ticks are skipped', async () => {
    arrange({ missed: 'skip' });
    await tick();
    expect(plan().run).toMatchObject({ dueAt: DUE_AT });
  });

  it('enqueues nothing for a tick that another worker has taken', async () => {
    takeTick.mockResolvedValue(null);
    await tick();
    expect(enqueue).not.toHaveBeenCalled();
  });

  it('does nothing before the tick is due', async () => {
    arrange({ nextTickAt: new Date('2026-01-01T03:00:00.000Z') });
    await tick();
    await ticks.takeAllDue();
    expect(takeTick).not.toHaveBeenCalled();
  });

  it('gives a schedule of an older version its first tick', async () => {
    arrange({ nextTickAt: null });
    await ticks.takeAllDue();
    expect(setFirstTick.mock.lastCall?.[1]).toEqual(new Date('2026-01-02T02:00:00.000Z'));
  });

  it('says once of a schedule of an older version that its cron cannot be promised', async () => {
    arrange({ nextTickAt: null, cron: 'H 3 * * *' });
    await ticks.takeAllDue();
    const outcome = recordOutcome.mock.lastCall?.[2] as string;
    expect(outcome).toMatch(/^never runs: the cron expression must not have H/);
    arrange({ nextTickAt: null, cron: 'H 3 * * *', lastOutcome: outcome });
    await ticks.takeAllDue();
    expect(recordOutcome).toHaveBeenCalledTimes(1);
  });

  it('leaves the run to the reconciler when the queue is away', async () => {
    enqueue.mockRejectedValue(new DomainError('queue-unavailable', 'away'));
    await expect(tick()).resolves.toBeUndefined();
  });

  it.each([
    ['deleted', () => load.mockRejectedValue(new DomainError('schedule-not-found', 'gone'))],
    ['disabled', () => load.mockResolvedValue(aSchedule({ enabled: false, nextTickAt: null }))],
  ])('does nothing for a schedule that is %s', async (_, arrangeIt) => {
    arrangeIt();
    await tick();
    expect(takeTick).not.toHaveBeenCalled();
    expect(recordOutcome).not.toHaveBeenCalled();
  });

  it('does nothing for a schedule of a catalog that was deleted meanwhile', async () => {
    takeTick.mockRejectedValue(new DomainError('catalog-not-found', 'gone'));
    await expect(tick()).resolves.toBeUndefined();
    expect(enqueue).not.toHaveBeenCalled();
  });
});
