import fc from 'fast-check';
import { ComputeThreads, CsrMatrix, gramFactors, ItemScorer, rankUsers, ShapeError } from '../index.js';
import { naiveTopK, toDense } from '../reference/naive.js';
import { expectClose, naiveSeries, randomDense, SERIES } from '../testing/dense-rows.js';
import { csrMatrices } from '../testing/random-csr.js';

const RUNS = { numRuns: 40, seed: 31 };

describe('rankUsers', () => {
  const compute = new ComputeThreads({ threads: 1 });
  const histories = CsrMatrix.fromCoo({
    numRows: 150,
    numCols: 11,
    rows: Array.from({ length: 450 }, (_, e) => Math.floor(e / 3)),
    cols: Array.from({ length: 450 }, (_, e) => (Math.floor(e / 3) + [0, 2, 5][e % 3]!) % 11),
  });
  const rows = CsrMatrix.fromCoo({
    numRows: 11,
    numCols: 11,
    rows: Array.from({ length: 33 }, (_, e) => Math.floor(e / 3)),
    cols: Array.from({ length: 33 }, (_, e) => (Math.floor(e / 3) + 1 + (e % 3)) % 11),
    values: Array.from({ length: 33 }, (_, e) => ((e * 7) % 5) - 1.5),
  });

  it.each([
    ['sparse rows', true, false],
    ['factors', false, true],
    ['both', true, true],
  ])('answers what the scorer answers for one user, by %s', async (_, sparse, dense) => {
    const items = {
      ...(sparse && { rows }),
      ...(dense && { factors: randomDense(11, 20, 1) }),
    };
    const embeddings = randomDense(150, 20, 2);
    const ranked = await rankUsers(compute, items, { histories, embeddings }, 6);
    const scorer = new ItemScorer(compute.kernels, items);
    for (let user = 0; user < 150; user++) {
      const history = histories.row(user);
      const one = scorer.topK({ history, embedding: embeddings.row(user) }, 6, { exclude: history.indices });
      expect([...ranked.columns.subarray(user * 6, user * 6 + ranked.counts[user]!)]).toEqual([
        ...one.indices,
      ]);
      expectClose(ranked.scores.subarray(user * 6, user * 6 + ranked.counts[user]!), [...one.scores]);
    }
  });

  it('ranks by a filter as by the dense matrix, and no more than there are', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(8, 8, 1), fc.integer({ min: 1, max: 12 }), async (x, k) => {
        const scaling = Float32Array.from({ length: x.numCols }, (_, j) => 1 + j / 4);
        const filter = { factors: gramFactors(compute, x), series: SERIES, scaling };
        const ranked = await rankUsers(compute, { filter }, { histories: x }, k);
        const series = naiveSeries(x, SERIES);
        toDense(x).forEach((history, user) => {
          const scores = scaling.map((scale, item) =>
            history.reduce((sum, v, j) => sum + (v / scaling[j]!) * series[j]![item]! * scale, 0),
          );
          const own = new Set(x.row(user).indices);
          const expected = naiveTopK(scores, k, (item) => !own.has(item));
          const found = ranked.columns.subarray(user * ranked.k, user * ranked.k + ranked.counts[user]!);
          expect(found).toHaveLength(expected.length);
          found.forEach((item, rank) => {
            expect(own.has(item)).toBe(false);
            expect(Math.abs(scores[item]! - scores[expected[rank]!]!)).toBeLessThan(1e-3);
          });
        });
      }),
      RUNS,
    );
  });

  it('gives the same bits with 1, 2 and 3 threads', async () => {
    const items = { rows, factors: randomDense(11, 20, 1) };
    const users = { histories, embeddings: randomDense(150, 20, 2) };
    const alone = await rankUsers(compute, items, users, 5);
    for (const threads of [2, 3]) {
      const several = new ComputeThreads({ threads });
      expect(await rankUsers(several, items, users, 5)).toEqual(alone);
      several.close();
    }
  });

  it('refuses parts that do not belong together', async () => {
    const scaling = new Float32Array(11).fill(1);
    const filter = { factors: gramFactors(compute, histories), series: SERIES, scaling };
    const refused = [
      [{ rows, filter }, { histories }],
      [{ factors: randomDense(10, 2, 1) }, { histories, embeddings: randomDense(150, 2, 1) }],
      [{ factors: randomDense(11, 2, 1) }, { histories }],
      [{ factors: randomDense(11, 2, 1) }, { histories, embeddings: randomDense(149, 2, 1) }],
    ] as const;
    for (const [items, users] of refused)
      await expect(rankUsers(compute, items, users, 3)).rejects.toThrow(ShapeError);
  });
});
