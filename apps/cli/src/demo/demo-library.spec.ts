import { demoLibrary } from './demo-library.js';

const load = (now = new Date('2026-11-29T10:00:00Z')) => demoLibrary(now);

describe('demoLibrary', () => {
  it('makes the same library every time on one day, and the same a day later on the next', () => {
    const text = (now: string) => {
      const { items, interactions } = load(new Date(now));
      const midnight = Date.parse(now.slice(0, 10));
      const views = interactions.map(
        ({ occurredAt, ...view }) => `${JSON.stringify(view)} ${Number(occurredAt) - midnight}`,
      );
      return `${JSON.stringify(items)}\n${views.join('\n')}`;
    };
    const library = text('2026-11-29T10:00:00Z');
    expect(text('2026-11-29T23:59:59Z') === library).toBe(true);
    expect(text('2026-11-30T00:00:00Z') === library).toBe(true);
  });

  it.each(['2026-11-29T00:00:00Z', '2026-11-29T23:59:59Z', '2019-03-01T12:00:00Z'])(
    'ends the day before it is made, on %s',
    (now) => {
      const times = load(new Date(now)).interactions.map(({ occurredAt }) => Number(occurredAt));
      expect(new Date(Math.max(...times)).toISOString()).toBe(
        new Date(Date.parse(now.slice(0, 10)) - 1).toISOString(),
      );
    },
  );

  it('gives every film a title of its own, and no film to everybody', () => {
    const { items, interactions } = load();
    expect(new Set(items.map(({ title }) => title)).size).toBe(items.length);
    const viewers = new Map<string, Set<string>>();
    for (const { itemId, userId } of interactions)
      viewers.set(itemId, (viewers.get(itemId) ?? new Set()).add(userId));
    const people = new Set(interactions.map(({ userId }) => userId)).size;
    const shares = [...viewers.values()].map((seenBy) => seenBy.size / people).sort((a, b) => b - a);
    expect(shares[0]).toBeLessThan(0.12);
    expect(shares[0]).toBeGreaterThan(5 * shares[Math.floor(shares.length / 2)]!);
  });
});
