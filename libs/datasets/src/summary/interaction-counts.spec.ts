import type { Interaction } from '#domain';
import { InteractionCounts, type CountOptions } from './interaction-counts.js';

const [USERS, ITEMS, TIMES] = [1_000, 100, 3];

/** Each user with each second item, several times. */
function counted(options: Partial<CountOptions>, isDated: boolean) {
  const counts = new InteractionCounts({ isSet: false, hasWeights: false, ...options });
  for (let time = 0; time < TIMES; time++)
    for (let user = 0; user < USERS; user++)
      for (let item = user % 2; item < ITEMS; item += 2) {
        const occurredAt = isDated ? new Date(Date.UTC(2020, 0, 1 + time)) : null;
        const row: Interaction = {
          ...{ userId: `u${user}`, itemId: `i${item}`, type: 'view', weight: 1, occurredAt },
        };
        counts.add(row);
      }
  return counts.summarize();
}

describe('InteractionCounts', () => {
  it.each([true, false])('counts each pair once in the share of all pairs (dated: %s)', (isDated) => {
    expect(counted({}, isDated)).toMatchObject({ density: 0.5, estimated: [] });
  });

  it('says that the share of dated pairs is an estimate where there are too many of them', () => {
    const { density, estimated, interactions } = counted({ pairSlots: 2 ** 12 }, true);
    expect(interactions).toBe((USERS * ITEMS * TIMES) / 2);
    expect(estimated).toEqual(['density']);
    expect(Math.abs(density / 0.5 - 1)).toBeLessThan(0.1);
    expect(counted({ pairSlots: 2 ** 12 }, false)).toMatchObject({ density: 0.5, estimated: [] });
  });

  it('says that all that is counted by users is an estimate where there are too many users', () => {
    const { estimated } = counted({ slots: 2 ** 10 }, true);
    expect(estimated).toEqual(
      expect.arrayContaining(['users', 'interactionsPerUser', 'interactions', 'types', 'repeats', 'density']),
    );
    expect(estimated).not.toContain('items');
  });
});
