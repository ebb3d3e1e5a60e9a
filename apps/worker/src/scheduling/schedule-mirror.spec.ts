import { Logger } from '@nestjs/common';
import type { SchedulesRepository } from '#data';
import type { MirroredSchedule, ScheduleQueue } from '#queue';
import { aSchedule } from '../testing/builders.js';
import { strictFake } from '../testing/strict-fake.js';
import { ScheduleMirror } from './schedule-mirror.js';

describe('ScheduleMirror', () => {
  const findStored = jest.fn();
  const findMirrored = jest.fn();
  const put = jest.fn();
  const remove = jest.fn();
  const mirror = new ScheduleMirror(
    strictFake<SchedulesRepository>({ findAll: findStored }),
    strictFake<ScheduleQueue>({ findAll: findMirrored, put, remove }),
  );
  const mirrored = (changes: Partial<MirroredSchedule> = {}): MirroredSchedule => ({
    schedulerId: 'default/nightly',
    cron: '0 3 * * *',
    timeZone: 'Europe/Berlin',
    nextTickAt: new Date(Date.now() + 1_000),
    ...changes,
  });

  beforeEach(() => {
    jest.resetAllMocks();
    Logger.overrideLogger(false);
    findStored.mockResolvedValue([aSchedule()]);
    findMirrored.mockResolvedValue([mirrored()]);
  });

  it('does nothing when both sides agree', async () => {
    await mirror.mirror();
    expect(put).not.toHaveBeenCalled();
    expect(remove).not.toHaveBeenCalled();
  });

  it.each([
    ['is missing', []],
    ['has another cron', [mirrored({ cron: '* * * * *' })]],
    ['has another time zone', [mirrored({ timeZone: 'UTC' })]],
    ['has lost its next tick', [mirrored({ nextTickAt: new Date(Date.now() - 120_000) })]],
  ])('sets a scheduler up that %s', async (_, entries) => {
    findMirrored.mockResolvedValue(entries);
    await mirror.mirror();
    expect(put).toHaveBeenCalledWith({
      catalogId: 'default',
      scheduleName: 'nightly',
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
    });
  });

  it.each([
    ['was deleted', []],
    ['is disabled', [aSchedule({ enabled: false, nextTickAt: null })]],
  ])('removes the scheduler of a schedule that %s', async (_, stored) => {
    findStored.mockResolvedValue(stored);
    await mirror.mirror();
    expect(remove).toHaveBeenCalledWith('default/nightly');
    expect(put).not.toHaveBeenCalled();
  });

  it('mirrors the others when the queue refuses one', async () => {
    findMirrored.mockResolvedValue([]);
    findStored.mockResolvedValue([aSchedule({ name: 'odd' }), aSchedule()]);
    put.mockRejectedValueOnce(new Error('odd cron'));
    await mirror.mirror();
    expect(put).toHaveBeenCalledTimes(2);
  });
});
