import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDataset, type Told } from '../testing/understanding.js';
import { RatingSurvey } from './ratings.js';

describe('ratings', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-ratings-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function read(ratings: readonly (number | string)[], told: Told = {}) {
    const path = join(folder, 'ratings.csv');
    const rows = ratings.map((rating, index) => `u,i${index},${rating}\n`);
    writeFileSync(path, `user,item,rating\n${rows.join('')}`);
    const { summary, interactions } = await readDataset(path, told);
    return {
      ...summary,
      liked: interactions.filter(({ type }) => type === 'interaction').map(({ itemId }) => itemId),
      low: interactions.filter(({ type }) => type === 'low-rating').map(({ itemId }) => itemId),
      weights: interactions.map(({ weight }) => weight),
    };
  }

  it.each([
    [[0, 1], 1, 1, { liked: ['i1'], low: ['i0'] }],
    [[3, 4, 5], 5, 4, { liked: ['i1', 'i2'], low: ['i0'] }],
    [[3, 3.5, 4], 5, 3.5, { liked: ['i1', 'i2'], low: ['i0'] }],
    [[6, 7, 10], 10, 7, { liked: ['i1', 'i2'], low: ['i0'] }],
    [[69, 70, 100], 100, 70, { liked: ['i1', 'i2'], low: ['i0'] }],
  ])(
    'of %j are read by the scale of %i and liked from %d on',
    async (ratings, scale, likedFrom, { liked, low }) => {
      const read_ = await read(ratings);
      expect(read_.ratings).toEqual({ rule: 'scale', scale, likedFrom });
      expect(read_).toMatchObject({ liked, low, likes: liked.length, lowRatings: low.length });
      expect(new Set(read_.weights)).toEqual(new Set([1]));
    },
  );

  it('of 0 on a scale above 1 are left out and counted, or kept as likes', async () => {
    expect(await read([0, 4, ''])).toMatchObject({
      liked: ['i1'],
      low: [],
      leftOut: [{ reason: 'not rated', rows: 2, firstLines: [2, 4] }],
    });
    expect(await read([0, 4, ''], { unrated: 'like' })).toMatchObject({
      liked: ['i0', 'i1', 'i2'],
      leftOut: [],
    });
  });

  it('are read by the rule that is given', async () => {
    expect(await read([1, 4, 5], { scale: 10 })).toMatchObject({ liked: [], low: ['i0', 'i1', 'i2'] });
    expect(await read([1, 4, 5], { minRating: 5 })).toMatchObject({ liked: ['i2'], low: ['i0', 'i1'] });
    expect(await read([1, 4, 5], { allRatingsPositive: true })).toMatchObject({
      liked: ['i0', 'i1', 'i2'],
      low: [],
    });
    expect(await read([1, 4, 5], { ratingAsWeight: true })).toMatchObject({
      liked: ['i0', 'i1', 'i2'],
      weights: [1, 4, 5],
    });
  });

  it('have a bound as people write it on any scale', async () => {
    for (let tenths = 1; tenths <= 1_000; tenths++) {
      const likedFrom = new RatingSurvey(false).decide({ scale: tenths / 10 })!.likedFrom;
      expect(String(likedFrom)).toMatch(/^\d+(\.\d{1,2})?$/);
    }
    expect((await read([4, 4.9, 7], { scale: 7 })).liked).toEqual(['i1', 'i2']);
  });

  it('that are all equal are read with a warning', async () => {
    expect((await read([1, 1])).warnings).toEqual([
      'all ratings are equal, so the scale of 1 that they are read by is a guess; --scale says another',
    ]);
    expect((await read([1, 5])).warnings).toEqual([]);
  });

  it('that no scale holds are refused with the ways to read them', async () => {
    await expect(read([5, 2_137])).rejects.toThrow(
      /line 3: rating is above 100.*--scale.*--rating-as-weight.*--ignore-columns rating/,
    );
    expect(await read([5, 2_137], { ratingAsWeight: true })).toMatchObject({ weights: [5, 2_137] });
    await expect(read([-1, 5])).rejects.toThrow(
      'line 2: rating is "-1", and a rating must be a number from 0 to 5',
    );
    await expect(read([4, 'good'])).rejects.toThrow('line 3: rating is "good"');
    await expect(read([4, 6], { scale: 5 })).rejects.toThrow('line 3: rating is "6"');
  });
});
