import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { modelKind } from '../model-registry.js';
import type { History, RankedItems, Recommender } from '../recommender.js';
import { readLines } from '../testing/read-lines.js';

const DATA = join(import.meta.dirname, '../../../../../shared/data');

const [FEW, MANY] = [20, 256];

/**
 * True when a sort of all scores has this list, ties by index: one pass over them, since sorts of all
 * users would take minutes.
 */
function isBest({ indices, scores }: RankedItems, all: Float32Array, seen: Uint32Array): boolean {
  const isBefore = (a: number, b: number) => all[a]! > all[b]! || (all[a] === all[b] && a < b);
  const isLeft = new Uint8Array(all.length).fill(1);
  for (const item of seen) isLeft[item] = 0;
  for (let rank = 0; rank < indices.length; rank++) {
    const item = indices[rank]!;
    if (!isLeft[item] || scores[rank] !== all[item]) return false;
    if (rank > 0 && !isBefore(indices[rank - 1]!, item)) return false;
    isLeft[item] = 0;
  }
  const last = indices.at(-1)!;
  const lastScore = all[last]!;
  // Nearly all items are out by the first comparison, a billion times in all.
  for (let item = 0; item < all.length; item++)
    if (all[item]! >= lastScore && isLeft[item] && isBefore(item, last)) return false;
  return indices.length === Math.min(MANY, all.length - seen.length);
}

function isRight(model: Recommender, history: History): boolean {
  const [few, many] = [FEW, MANY].map((k) => model.recommend(history, k));
  const isStart = few!.indices.join() === many!.indices.subarray(0, FEW).join();
  return isStart && isBest(many!, model.scoreUser(history), history.indices);
}

describe('lists of all users', () => {
  (existsSync(DATA) ? it : it.skip).each([
    ['lastfm', 'ease'],
    ['lastfm', 'item-knn'],
    ['ml-1m', 'ease'],
    ['ml-1m', 'item-knn'],
    ['gowalla', 'item-knn'],
  ])(
    'are the best of all scores, %s by %s (skipped without the data)',
    async (name, kindName) => {
      const matrix = readLines(join(DATA, name, 'train.txt'));
      const kind = modelKind(kindName);
      const { recommender } = await kind.fit(matrix, kind.parameters.parse({}), { seed: 1 });
      const model = kind.decode(recommender.encode());
      let wrong = 0;
      for (let user = 0; user < matrix.numRows; user++) if (!isRight(model, matrix.row(user))) wrong++;
      expect([matrix.numRows > 1_000, wrong]).toEqual([true, 0]);
    },
    300_000,
  );
});
