import { nextTick } from '#domain';
import { toTicksReply } from './schedule-ticks.dto.js';

const ticksOf = (cron: string, timeZone: string, after: string) =>
  toTicksReply(new Date(after), (at) => nextTick(cron, timeZone, at)).ticks;

describe('the next ticks', () => {
  it('are five, by the clock of the zone over its changes', () => {
    expect(ticksOf('0 3 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z')).toEqual([
      '2026-03-28T02:00:00.000Z',
      ...[29, 30, 31].map((day) => `2026-03-${day}T01:00:00.000Z`),
      '2026-04-01T01:00:00.000Z',
    ]);
  });

  it('are none of a day that never comes', () => {
    expect(ticksOf('0 0 31 2 *', 'UTC', '2026-01-01T00:00:00Z')).toEqual([]);
  });
});
