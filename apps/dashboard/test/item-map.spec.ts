import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CsrMatrix, modelKind, type Recommender } from '#models';
import { closenessOf, type Scores } from '../src/pages/items/map/closeness.js';
import { layOut, LEAST_DISTANCE } from '../src/pages/items/map/layout.js';
import { scoresOf } from '../src/pages/items/map/scores.js';
import { trustworthiness } from './support/trustworthiness.js';

const DATA = join(import.meta.dirname, '../../../../shared/data/ml-100k/ml-100k.inter');
const NUM_NEIGHBOURS = 24;

function readRatings(): CsrMatrix {
  const lines = readFileSync(DATA, 'utf8').trim().split('\n').slice(1);
  const pairs = lines.map((line) => line.split('\t', 2).map(Number));
  const [rows, cols] = [pairs.map(([user]) => user!), pairs.map(([, item]) => item!)];
  const size = (numbers: readonly number[]) => 1 + numbers.reduce((most, one) => Math.max(most, one), 0);
  return CsrMatrix.fromCoo({ numRows: size(rows), numCols: size(cols), rows, cols });
}

/** As the page has them: of an item and its neighbours, each for all. */
function scoresAround(model: Recommender, item: number): Scores {
  const near = model.similarItems(item, NUM_NEIGHBOURS);
  const items = [item, ...near.indices];
  return items.map((one) => {
    const { indices, scores } = model.similarItems(one, model.numItems);
    return items.map((other) => Math.max(0, scores[indices.indexOf(other)] ?? 0));
  });
}

function leastDistance(points: ReturnType<typeof layOut>): number {
  const all = points.flatMap((a, i) =>
    points.slice(i + 1).map((b) => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))),
  );
  return Math.min(...all);
}

describe('the map of what is like an item', () => {
  (existsSync(DATA) ? it : it.skip).each(['item-knn', 'ease'])(
    'can be trusted on ml-100k by %s, and covers no point (skipped without the data)',
    async (name) => {
      const kind = modelKind(name);
      const { recommender } = await kind.fit(readRatings(), kind.parameters.parse({}), { seed: 1 });
      // From the most popular to ones of few users, by the ids of the data.
      for (const item of [50, 1, 181, 258, 100, 172, 301, 451, 601, 801, 96, 433]) {
        const closeness = closenessOf(scoresAround(recommender, item));
        const points = layOut(closeness);
        expect(trustworthiness(closeness, points, 10)).toBeGreaterThanOrEqual(0.85);
        expect(leastDistance(points)).toBeGreaterThanOrEqual(LEAST_DISTANCE);
      }
    },
  );

  it('puts groups apart, and is the same each time', () => {
    const groupOf = (i: number) => i % 2;
    const scores = Array.from({ length: 10 }, (_, i) =>
      Array.from({ length: 10 }, (_, j) => (groupOf(i) === groupOf(j) ? 1 + ((i + j) % 3) : 0.1)),
    );
    const points = layOut(closenessOf(scores));
    expect(layOut(closenessOf(scores))).toEqual(points);
    for (const [i, { x, y }] of points.entries()) {
      const nearest = [...points.keys()]
        .filter((j) => j !== i)
        .sort(
          (a, b) =>
            Math.hypot(points[a]!.x - x, points[a]!.y - y) - Math.hypot(points[b]!.x - x, points[b]!.y - y),
        );
      expect(nearest.slice(0, 4).map(groupOf)).toEqual(Array(4).fill(groupOf(i)));
    }
  });

  it.each([1, 2, 3, 25])('has a place within it for each of %i items that have nothing in common', (n) => {
    const points = layOut(closenessOf(Array.from({ length: n }, () => Array<number>(n).fill(0))));
    expect(points).toHaveLength(n);
    for (const value of points.flatMap(({ x, y }) => [x, y])) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
    expect(leastDistance(points)).toBeGreaterThanOrEqual(LEAST_DISTANCE);
  });

  it('is made of what the model scored, and of nothing that fills a list up', () => {
    const items = [
      { itemId: 'a', score: 2 },
      { itemId: 'b', score: 1 },
    ];
    const scored = [
      { itemId: 'b', score: 3, source: 'model' },
      { itemId: 'own', score: -1, source: 'model' },
    ];
    const lines = [
      { index: 1, error: { status: 503 } },
      { index: 0, items: [...scored, { itemId: 'a', score: 9, source: 'popular' }] },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(scoresOf({ itemId: 'own', items }, text)).toEqual([
      [0, 2, 1],
      [0, 0, 3],
      [0, 0, 0],
    ]);
  });
});
