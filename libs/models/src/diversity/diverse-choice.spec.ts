import type { Recommender } from '../recommender.js';
import { TagMixtures } from '../tags/tag-mixtures.js';
import { Closeness } from './closeness.js';
import { chooseDiverse, toRelevance } from './diverse-choice.js';
import { toTagVector } from './tag-likeness.js';

/**
 * How much each of four items is related to the others: 0 and 1 are twins, 2 and 3 are related
 * to half of that.
 */
const RELATED = [
  [0, 4, 0, 0],
  [4, 0, 0, 0],
  [0, 0, 0, 2],
  [4, 0, 2, 0],
];

const recommender = {
  numItems: RELATED.length,
  similarItems(itemIndex: number, k: number, options?: { allowed?: Uint8Array }) {
    const ranked = RELATED[itemIndex]!.map((score, index) => ({ index, score }))
      .filter(({ index, score }) => score > 0 && (options?.allowed?.[index] ?? 1) === 1)
      .sort((a, b) => b.score - a.score)
      .slice(0, k);
    return {
      indices: Uint32Array.from(ranked, ({ index }) => index),
      scores: Float32Array.from(ranked, ({ score }) => score),
    };
  },
} as Recommender;

const CHOICE = {
  indices: Int32Array.of(0, 1, 2, 3),
  relevance: Float64Array.of(1, 0.9, 0.5, 0.45),
  diversity: 0.5,
  size: 4,
  before: Int32Array.of(),
  tags: null,
};

const noPause = () => Promise.resolve();

const choose = (changes: Partial<Parameters<typeof chooseDiverse>[2]>, pause = noPause) =>
  chooseDiverse(recommender, Closeness.of(recommender), { ...CHOICE, ...changes }, pause);

describe('a diverse choice', () => {
  it('puts an item behind less relevant ones where it is like an item before it', async () => {
    expect(await choose({})).toEqual([0, 2, 1, 3]);
    expect(await choose({ diversity: 0 })).toEqual([0, 1, 2, 3]);
  });

  it('counts what the list has already', async () => {
    expect(await choose({ before: Int32Array.of(0), size: 2 })).toEqual([0, 2]);
    expect(await choose({ before: Int32Array.of(1), size: 2 })).toEqual([1, 2]);
  });

  it('lets other work go first after every item that it follows', async () => {
    let pauses = 0;
    const pause = () => {
      pauses++;
      return Promise.resolve();
    };
    await choose({ before: Int32Array.of(3), size: 2 }, pause);
    expect(pauses).toBe(2);
  });

  it('compares an item that is new to the model by tags', async () => {
    const mixtures = new TagMixtures(Float32Array.of(1, 1), 1);
    mixtures.add('rare', 0);
    const vector = (tag: string, isNew: boolean) => toTagVector(new Set([tag]), mixtures, isNew);
    const candidates = [vector('rare', false), vector('rare', true), vector('other', true)];
    const indices = Int32Array.of(0, -1, -1);
    const relevance = Float64Array.of(1, 0.9, 0.5);
    expect(await choose({ indices, relevance, size: 3, tags: { candidates, before: [] } })).toEqual([
      0, 2, 1,
    ]);
  });
});

describe('the relevance of candidates', () => {
  it('falls from 1 to 0, and is 1 where all scores are equal', () => {
    expect([...toRelevance([3, 2, 1])]).toEqual([1, 0.5, 0]);
    expect([...toRelevance([2, 2])]).toEqual([1, 1]);
    expect([...toRelevance([])]).toEqual([]);
  });
});
