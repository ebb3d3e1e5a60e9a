import { collect } from '../testing/collect.js';
import { demoDataset } from './demo.js';

async function load() {
  const dataset = demoDataset();
  return { items: await collect(dataset.items()), interactions: await collect(dataset.interactions()) };
}

describe('demoDataset', () => {
  it('makes the same library every time', async () => {
    expect(await load()).toEqual(await load());
  });

  it('gives every film a title of its own, and no film to everybody', async () => {
    const { items, interactions } = await load();
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
