import fc from 'fast-check';
import { seededRandom } from '#sparse';
import { summarize } from './bootstrap.js';
import { coverageOf } from './coverage.js';
import { exposureOf } from './exposure.js';
import { giniOf } from './gini.js';
import { ndcgAt } from './ndcg.js';
import { pairedDifference } from './paired-difference.js';
import { recallAt } from './recall.js';
import { popularityDeciles, TailRecall } from './tail-recall.js';

const RUNS = { numRuns: 100, seed: 11 };
const exposures = fc
  .array(fc.nat(50), { minLength: 1, maxLength: 40 })
  .map((lists) => Uint32Array.from(lists));

describe('recallAt and ndcgAt', () => {
  it('divide recall by the test items, even when there are more than K', () => {
    expect(recallAt(2, [7, 8, 9], new Set([7, 9, 1, 2]))).toBe(1 / 4);
  });

  it('discount gains by rank against an ideal list of the smaller of K and the test items', () => {
    const ideal = 1 / Math.log2(2) + 1 / Math.log2(3);
    expect(ndcgAt(2, [5, 7], new Set([7, 9, 1]))).toBeCloseTo(1 / Math.log2(3) / ideal, 12);
    expect(ndcgAt(20, [7], new Set([7]))).toBe(1);
  });
});

describe('coverageOf', () => {
  it('is the share of items that were shown at all', () => {
    expect(coverageOf(Uint32Array.of(3, 0, 1, 0, 0))).toBe(2 / 5);
    expect(coverageOf(new Uint32Array())).toBe(0);
  });
});

describe('exposureOf', () => {
  it('shares the places out among the deciles', () => {
    expect(exposureOf(Uint32Array.of(3, 0, 1), Uint8Array.of(0, 3, 9))).toEqual([
      3 / 4,
      ...Array<number>(8).fill(0),
      1 / 4,
    ]);
    expect(exposureOf(new Uint32Array(2), Uint8Array.of(0, 5))).toEqual(Array(10).fill(0));
  });
});

describe('giniOf', () => {
  it('is 0 when all items are shown equally, and 1 − 1/n when one has all places', () => {
    expect(giniOf(Uint32Array.of(4, 4, 4))).toBe(0);
    expect(giniOf(Uint32Array.of(0, 9, 0, 0))).toBe(3 / 4);
    expect(giniOf(new Uint32Array(5))).toBe(0);
  });

  it('is half the mean difference of two items by the mean exposure, whatever their order', () => {
    fc.assert(
      fc.property(exposures, (exposure) => {
        const n = exposure.length;
        const total = exposure.reduce((sum, lists) => sum + lists, 0);
        let differences = 0;
        for (const a of exposure) for (const b of exposure) differences += Math.abs(a - b);
        const expected = total === 0 ? 0 : differences / (2 * n * total);
        expect(giniOf(exposure)).toBeCloseTo(expected, 12);
        expect(giniOf(exposure.slice().reverse())).toBeCloseTo(expected, 12);
      }),
      RUNS,
    );
  });
});

describe('popularityDeciles', () => {
  it('starts at the most popular tenth, ties to the lower index', () => {
    const counts = Uint32Array.of(0, 5, 5, 9, 1, 2, 3, 4, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const deciles = [...popularityDeciles(counts)];
    expect([3, 10].map((item) => deciles[item])).toEqual([0, 0]);
    expect([1, 2].map((item) => deciles[item])).toEqual([2, 2]);
    expect([18, 19].map((item) => deciles[item])).toEqual([9, 9]);
    expect([...popularityDeciles(Uint32Array.of(1, 2, 3))]).toEqual([6, 3, 0]);
  });
});

describe('TailRecall', () => {
  it('counts only the users who have a test item of the decile', () => {
    const deciles = popularityDeciles(Uint32Array.from({ length: 10 }, (_, item) => 10 - item));
    const recall = new TailRecall(2, deciles);
    recall.add([0, 9, 5], new Set([0, 5, 9]));
    recall.add([1, 2], new Set([0]));
    expect(recall.means()).toEqual([1 / 2, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('equals the recall of each decile by itself', () => {
    const users = fc.array(
      fc.record({
        ranked: fc.uniqueArray(fc.nat(24), { maxLength: 8 }),
        test: fc.uniqueArray(fc.nat(24), { minLength: 1, maxLength: 9 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(users, fc.array(fc.nat(4), { minLength: 25, maxLength: 25 }), (lists, counts) => {
        const deciles = popularityDeciles(Uint32Array.from(counts));
        const tail = new TailRecall(5, deciles);
        for (const { ranked, test } of lists) tail.add(ranked, new Set(test));
        tail.means().forEach((mean, decile) => {
          const values = lists
            .map(({ ranked, test }) => ({ ranked, wanted: test.filter((item) => deciles[item] === decile) }))
            .filter(({ wanted }) => wanted.length > 0)
            .map(({ ranked, wanted }) => recallAt(5, ranked, new Set(wanted)));
          const expected = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
          expect(mean).toBeCloseTo(expected, 12);
        });
      }),
      RUNS,
    );
  });
});

describe('pairedDifference', () => {
  const random = seededRandom(4);
  const ease = Float64Array.from({ length: 400 }, () => random());

  it('finds a small difference that the intervals of both models hide', () => {
    const better = ease.map((value) => value + 0.005 + 0.01 * random());
    const { mean, ci95 } = pairedDifference(better, ease, 1);
    expect(mean).toBeCloseTo(0.01, 3);
    expect(ci95[0]).toBeGreaterThan(0);
    expect(summarize(better, 1).ci95[0]).toBeLessThan(summarize(ease, 1).ci95[1]);
  });

  it('holds 0 when users differ both ways, and turns its sign with the models', () => {
    const other = ease.map((value, user) => value + (user % 2 === 0 ? 0.1 : -0.1));
    const { ci95 } = pairedDifference(other, ease, 1);
    expect(ci95[0]).toBeLessThan(0);
    expect(ci95[1]).toBeGreaterThan(0);
    expect(pairedDifference(ease, other, 1).mean).toBeCloseTo(-pairedDifference(other, ease, 1).mean, 12);
    expect(pairedDifference(ease, ease, 1)).toEqual({ mean: 0, ci95: [0, 0] });
  });

  it('refuses values of other users', () => {
    expect(() => pairedDifference(ease, ease.slice(1), 1)).toThrow(RangeError);
  });
});
