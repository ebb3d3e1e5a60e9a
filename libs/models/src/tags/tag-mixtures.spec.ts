import fc from 'fast-check';
import { PRIOR_ITEMS, TagMixtures } from './tag-mixtures.js';

const RUNS = { numRuns: 300, seed: 51 };
const NAMES = ['a', 'b', 'c', 'd'];

const cases = fc
  .array(fc.record({ tags: fc.subarray(NAMES), users: fc.nat(5), score: fc.integer({ min: -9, max: 9 }) }), {
    minLength: 1,
    maxLength: 20,
  })
  .chain((items) => fc.record({ items: fc.constant(items), asked: fc.subarray(NAMES) }));

interface Item {
  readonly tags: readonly string[];
  readonly users: number;
  readonly score: number;
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0);

/** The equations, word by word. */
function naiveScore(items: readonly Item[], asked: readonly string[], scale: number): number {
  const meanUsers = sumOf(items.map(({ users }) => users)) / items.length;
  const known = asked.filter((name) => items.some(({ tags }) => tags.includes(name)));
  if (known.length === 0 || meanUsers === 0) return 0;
  const weighted = (some: readonly Item[]) => sumOf(some.map(({ users, score }) => users * score));
  const mu = weighted(items) / (meanUsers * items.length);
  const parts = known.map((name) => {
    const own = items.filter(({ tags }) => tags.includes(name));
    const prior = PRIOR_ITEMS * meanUsers;
    const mean = (weighted(own) + prior * mu) / (sumOf(own.map(({ users }) => users)) + prior);
    return { idf: Math.log(1 + items.length / own.length), mean };
  });
  return (scale * sumOf(parts.map(({ idf, mean }) => idf * mean))) / sumOf(parts.map(({ idf }) => idf));
}

function mixturesOf(items: readonly Item[], scale: number): TagMixtures {
  const mixtures = new TagMixtures(
    Float32Array.from(items, ({ users }) => users),
    scale,
  );
  items.forEach(({ tags }, index) => tags.forEach((tag) => mixtures.add(tag, index)));
  return mixtures;
}

describe('mixtures of tags', () => {
  it('score as their equations do, and as their weights do', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0.5, 1, 1.5), ({ items, asked }, scale) => {
        const mixtures = mixturesOf(items, scale);
        const tags = asked.map((name) => mixtures.use(name));
        const scores = Float32Array.from(items, ({ score }) => score);
        const expected = naiveScore(items, asked, scale);
        expect(mixtures.scorer(scores)(tags)).toBeCloseTo(expected, 10);
        const weights = mixtures.weights(tags);
        expect(sumOf(Array.from(scores, (score, item) => score * (weights?.[item] ?? 0)))).toBeCloseTo(
          expected,
          10,
        );
      }),
      RUNS,
    );
  });

  it('are what they would be if items had never had other tags', () => {
    fc.assert(
      fc.property(cases, fc.array(fc.subarray(NAMES)), ({ items, asked }, later) => {
        const changed = items.map((item, index) => ({ ...item, tags: later[index] ?? item.tags }));
        const mixtures = mixturesOf(items, 1);
        items.forEach(({ tags }, index) => {
          tags.forEach((tag) => mixtures.remove(tag, index));
          changed[index]!.tags.forEach((tag) => mixtures.add(tag, index));
        });
        const fresh = mixturesOf(changed, 1);
        const weightsOf = (some: TagMixtures) => some.weights(asked.map((name) => some.use(name)));
        expect(weightsOf(mixtures)).toEqual(weightsOf(fresh));
        expect(mixtures.numIds).toBeLessThanOrEqual(NAMES.length);
      }),
      RUNS,
    );
  });

  it('keep nothing of tags that no one has any more', () => {
    const mixtures = new TagMixtures(Float32Array.of(1, 2), 1);
    for (let n = 0; n < 100; n++) {
      const tag = mixtures.use(`tag-${n}`);
      mixtures.add(`tag-${n}`, n % 2);
      mixtures.remove(`tag-${n}`, n % 2);
      mixtures.release(tag);
    }
    expect(mixtures.numIds).toBe(1);
    expect(mixtures.weights([mixtures.use('tag-1')])).toBeNull();
  });

  it('shrink a rare tag to the mean of all items', () => {
    const users = new Float32Array(1_000).fill(3);
    const mixtures = new TagMixtures(users, 1);
    const scores = users.map((_, item) => (item === 0 ? 1 : 0));
    mixtures.add('rare', 0);
    const score = mixtures.scorer(scores)([mixtures.use('rare')]);
    expect(score).toBeCloseTo((1 + PRIOR_ITEMS / 1_000) / (1 + PRIOR_ITEMS), 10);
  });
});
