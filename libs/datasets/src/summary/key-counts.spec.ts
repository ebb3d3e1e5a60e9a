import { hashText, KeyCounts } from './key-counts.js';

function countAll(counts: KeyCounts, keys: Iterable<string>): number {
  let repeats = 0;
  for (const key of keys) {
    hashText(key);
    if (counts.add() > 0) repeats += counts.factor;
  }
  return repeats;
}

function* keysOf(distinct: number, times: number): Generator<string> {
  for (let time = 0; time < times; time++) for (let key = 0; key < distinct; key++) yield `user-${key}`;
}

describe('KeyCounts', () => {
  it('counts keys exactly while they have room', () => {
    const counts = new KeyCounts();
    expect(countAll(counts, keysOf(50_000, 3))).toBe(100_000);
    expect(counts.size).toBe(50_000);
    expect(counts.isExact).toBe(true);
    expect(new Set(counts.counts())).toEqual(new Set([3]));
  });

  it('keeps the value that came first with a key, also when it grows', () => {
    const counts = new KeyCounts(true);
    for (let key = 0; key < 5_000; key++) {
      hashText(`k${key}`);
      counts.add(key);
    }
    hashText('k17');
    counts.add(1);
    expect(counts.firstValue()).toBe(17);
  });

  it('estimates within a few percent beyond, and says so', () => {
    const counts = new KeyCounts(false, 2 ** 12);
    const repeats = countAll(counts, keysOf(100_000, 2));
    expect(counts.isExact).toBe(false);
    expect(Math.abs(counts.size / 100_000 - 1)).toBeLessThan(0.05);
    expect(Math.abs(repeats / 100_000 - 1)).toBeLessThan(0.05);
  });
});
