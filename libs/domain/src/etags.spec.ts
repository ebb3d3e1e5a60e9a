import { etagOfItem, etagOfSchedule, etagOfType, isMatch, requireMatch } from './etags.js';
import type { InteractionType } from './interactions/interaction-type.js';
import type { Schedule } from './training/schedule.js';

describe('an ETag', () => {
  const item = { revision: 7, updatedAt: new Date('2026-01-01T00:00:00Z') };
  const schedule: Schedule = {
    ...{ catalogId: 'default', name: 'nightly', cron: '0 3 * * *', timeZone: 'UTC', kind: 'ease' },
    ...{ parameters: { a: 1, b: 'x' }, gate: null, enabled: true, missed: 'skip', nextTickAt: null },
    ...{ lastOutcome: null, lastTickAt: null, createdAt: new Date(0), updatedAt: new Date(0) },
  };
  const type: InteractionType = {
    ...{ name: 'view', trainingWeight: 0.1, halfLifeDays: null, positive: true, excludesSeen: true },
    ...{ repeatAfterDays: 3, repeats: 'max' },
  };

  it('of an item is matched by itself, also weak or one of several, and by *', () => {
    const etag = etagOfItem(item);
    for (const sent of [etag, `W/${etag}`, `"other", ${etag}`, '*']) expect(isMatch(sent, etag)).toBe(true);
    const later = { ...item, updatedAt: new Date('2026-01-01T00:00:01Z') };
    for (const other of [later, { ...item, revision: 8 }])
      expect(isMatch(etag, etagOfItem(other))).toBe(false);
    for (const sent of ['', '"other"', etag.slice(1), '7']) expect(isMatch(sent, etag)).toBe(false);
  });

  it('of a schedule is another one for each thing that callers put, and for nothing else', () => {
    const etag = etagOfSchedule(schedule);
    const ticked = { nextTickAt: new Date(), lastTickAt: new Date(), lastOutcome: 'trained' };
    expect(etagOfSchedule({ ...schedule, ...ticked, parameters: { b: 'x', a: 1 } })).toBe(etag);
    const others: Partial<Schedule>[] = [
      ...[{ cron: '0 4 * * *' }, { timeZone: 'Europe/Berlin' }, { kind: 'spectral' }, { enabled: false }],
      ...[{ parameters: { a: 2, b: 'x' } }, { gate: { metric: 'ndcg@20' } }, { missed: 'run-once' as const }],
    ];
    const etags = others.map((other) => etagOfSchedule({ ...schedule, ...other }));
    expect(new Set([etag, ...etags]).size).toBe(1 + others.length);
  });

  it('of an interaction type takes numbers as they are stored', () => {
    const etag = etagOfType(type);
    expect(etagOfType({ ...type, trainingWeight: Math.fround(0.1) })).toBe(etag);
    for (const other of [{ trainingWeight: 0.2 }, { halfLifeDays: 3 }, { repeatAfterDays: null }])
      expect(etagOfType({ ...type, ...other })).not.toBe(etag);
  });

  it('that is asked for refuses another state, and nothing at all', () => {
    expect(() => requireMatch(undefined, null, 'schedule')).not.toThrow();
    expect(() => requireMatch('"a"', '"a"', 'schedule')).not.toThrow();
    for (const etag of ['"b"', null])
      expect(() => requireMatch('"a"', etag, 'schedule')).toThrow('The schedule does not have the state');
    expect(() => requireMatch('*', null, 'schedule')).toThrow('The schedule');
  });
});
