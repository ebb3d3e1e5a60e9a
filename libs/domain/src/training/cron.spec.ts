import fc from 'fast-check';
import { findCronFault, nextTick, nextTickAfter } from './cron.js';

const ZONES = ['UTC', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe'];
const CRONS = ['0 3 * * *', '30 2 * * *', '*/20 * * * *', '0 0 * * 0', '45 1-3 * * *'];
/** Days before clocks change somewhere among the zones. */
const DAYS = ['2026-03-28', '2026-04-04', '2026-09-05', '2026-10-03', '2026-10-24', '2026-06-01'];
const DAY_MS = 86_400_000;
const zone = fc.constantFrom(...ZONES);
const cron = fc.constantFrom(...CRONS);
const instant = fc
  .tuple(fc.constantFrom(...DAYS), fc.nat(3 * DAY_MS))
  .map(([day, ms]) => new Date(Date.parse(day) + ms));

describe('a cron expression', () => {
  it.each(['0 3 * * *', '*/5 * * * * *', '0 0 * * THU', '0 0 1 MAR *', '0 0 L * *', '0 0 ? * 1#2'])(
    'may be %s',
    (text) => {
      expect(findCronFault(text)).toBeNull();
    },
  );

  it.each(['H 3 * * *', '0 H(0-7) * * *', 'H/15 * * * *', '0 3,H * * *', 'H * * * * *'])(
    'is refused by name when it has H, which is random at every read: %s',
    (text) => {
      expect(findCronFault(text)).toMatch(/must not have H/);
      expect(nextTick(text, 'UTC', new Date())).toBeNull();
    },
  );

  it.each(['0 3 * *', '60 * * * *', '0 0 30 2 *', '0 0 31 2,4 *', '* * * MARCH *', '@daily', ''])(
    'is refused when it has no meaning, or never happens: %s',
    (text) => {
      expect(findCronFault(text)).toMatch(/must be a cron expression of 5 fields/);
    },
  );
});

describe('nextTick', () => {
  it('finds a tick after any instant, also where clocks change', () => {
    fc.assert(
      fc.property(cron, zone, instant, (text, timeZone, after) => {
        const next = nextTick(text, timeZone, after);
        expect(next!.getTime()).toBeGreaterThan(after.getTime());
        expect(next!.getTime() - after.getTime()).toBeLessThanOrEqual(8 * DAY_MS);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

describe('nextTickAfter', () => {
  it('is the tick that one by one comes first after now', () => {
    fc.assert(
      fc.property(cron, zone, instant, fc.nat(2 * DAY_MS), (text, timeZone, start, pauseMs) => {
        const due = nextTick(text, timeZone, start)!;
        const now = new Date(due.getTime() + pauseMs);
        let tick = due;
        while (tick <= now) tick = nextTick(text, timeZone, tick)!;
        expect(nextTickAfter(text, timeZone, due, now)).toEqual(tick);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('does not count each second of a year', () => {
    const [due, now] = [new Date('2025-01-01T00:00:00Z'), new Date('2026-01-01T00:00:00.500Z')];
    expect(nextTickAfter('* * * * * *', 'UTC', due, now)).toEqual(new Date('2026-01-01T00:00:01Z'));
  });

  it('has one tick a day at a time that the clocks show twice', () => {
    const due = new Date('2026-10-25T00:30:00Z');
    const lateInTheHour = new Date('2026-10-25T01:10:00Z');
    expect(nextTickAfter('30 2 * * *', 'Europe/Berlin', due, lateInTheHour)).toEqual(
      new Date('2026-10-26T01:30:00Z'),
    );
  });
});
