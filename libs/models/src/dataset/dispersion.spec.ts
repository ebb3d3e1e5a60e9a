import { CsrMatrix, seededRandom } from '#sparse';
import { testDispersion } from './dispersion.js';
import { holdOut } from './split.js';

const [USERS, ITEMS] = [400, 60];

/** Item i has about every (i + 2)th user. */
function falling(): CsrMatrix {
  const random = seededRandom(3);
  const pairs = Array.from({ length: USERS * ITEMS }, (_, e) => [Math.floor(e / ITEMS), e % ITEMS] as const);
  const kept = pairs.filter(([, item]) => random() < 1 / (item + 2));
  return matrixOf(kept);
}

function matrixOf(pairs: readonly (readonly [number, number])[]): CsrMatrix {
  const [rows, cols] = [pairs.map(([user]) => user), pairs.map(([, item]) => item)];
  return CsrMatrix.fromCoo({ numRows: USERS, numCols: ITEMS, rows, cols });
}

function pairsOf(matrix: CsrMatrix) {
  return Array.from({ length: USERS }, (_, user) => user).flatMap((user) =>
    Array.from(matrix.row(user).indices, (item) => [user, item] as const),
  );
}

describe('testDispersion', () => {
  it('is about 1 for a part that was drawn at random', () => {
    const dispersions = [1, 2, 3, 4, 5].map((seed) =>
      testDispersion(holdOut(falling(), { fraction: 0.2, seed })),
    );
    const mean = dispersions.reduce((sum, dispersion) => sum + dispersion) / dispersions.length;
    expect(mean).toBeGreaterThan(0.8);
    expect(mean).toBeLessThan(1.2);
  });

  it('is far above 1 for a part that has the most popular item of each user', () => {
    const pairs = pairsOf(falling());
    const isFirst = pairs.map(([user], e) => user !== pairs[e - 1]?.[0]);
    const split = {
      train: matrixOf(pairs.filter((_, e) => !isFirst[e])),
      test: matrixOf(pairs.filter((_, e) => isFirst[e])),
    };
    expect(testDispersion(split)).toBeGreaterThan(5);
  });

  it('is what the formula says', () => {
    // p = 1/3: (2 − 1)² / (2/3) for item 0, (0 − 1)² / (2/3) for item 1.
    const split = {
      train: matrixOf([0, 1, 2, 3].map((user) => [user, user === 0 ? 0 : 1])),
      test: matrixOf([
        [4, 0],
        [5, 0],
      ]),
    };
    expect(testDispersion(split)).toBeCloseTo((1.5 + 1.5) / 2, 12);
  });

  it('is 0 where nothing was held out', () => {
    const none = matrixOf([]);
    expect(testDispersion({ train: falling(), test: none })).toBe(0);
    expect(testDispersion({ train: none, test: none })).toBe(0);
  });
});
