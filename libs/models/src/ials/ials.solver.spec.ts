import fc from 'fast-check';
import { CsrMatrix } from '#sparse';
import { historyOf, twoTastes, userItemMatrices } from '../testing/toy-datasets.js';
import { ials } from './ials.model.js';
import { factorise } from './ials.solver.js';
import {
  anyParameters,
  factoriseNaively,
  objective,
  onOneThread,
  parameters,
  rowsOf,
  weighted,
} from './testing/naive-als.js';

const TOLERANCE = 1e-4;
/** Float32 rounds the objective by as much. */
const OBJECTIVE_TOLERANCE = 1e-5;

describe('alternating least squares', () => {
  it('equals dense alternating least squares by mathjs on any matrix', async () => {
    await fc.assert(
      fc.asyncProperty(userItemMatrices, anyParameters, fc.boolean(), async (ones, chosen, isWeighted) => {
        const x = isWeighted ? weighted(ones) : ones;
        const given = parameters(chosen);
        const { users, items } = await factorise(x, given, onOneThread());
        const expected = factoriseNaively(x, given);
        [...rowsOf(users), ...rowsOf(items)].forEach((row, r) =>
          row.forEach((value, p) => {
            const wanted = [...expected.users, ...expected.items][r]![p]!;
            expect(Math.abs(value - wanted)).toBeLessThan(TOLERANCE);
          }),
        );
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it('never lets the objective rise', async () => {
    await fc.assert(
      fc.asyncProperty(userItemMatrices, anyParameters, async (matrix, chosen) => {
        const x = weighted(matrix);
        let last = Infinity;
        for (const epochs of [1, 2, 3, 5, 9, 20]) {
          const given = parameters({ ...chosen, epochs });
          const { users, items } = await factorise(x, given, onOneThread());
          const now = objective(x, rowsOf(users), rowsOf(items), given);
          expect(now).toBeLessThanOrEqual(last + OBJECTIVE_TOLERANCE * (1 + now));
          last = now;
        }
      }),
      { numRuns: 25, seed: 4 },
    );
  });

  it('scores a user of the fit by the history alone', async () => {
    const x = twoTastes();
    const given = parameters({ factors: 4, epochs: 60 });
    const { users } = await factorise(x, given, onOneThread());
    const { recommender } = await ials.fit(x, given, { seed: 1 });
    recommender.embed!(x.row(5)).forEach((value, p) => expect(value).toBeCloseTo(users.row(5)[p]!, 3));
  });

  it('gives users and items without interactions the embedding zero', async () => {
    const x = CsrMatrix.fromCoo({ numRows: 3, numCols: 3, rows: [0, 2], cols: [0, 1] });
    const { users, items } = await factorise(x, parameters(), onOneThread());
    expect([...users.row(1)]).toEqual([0, 0, 0]);
    expect([...items.row(2)]).toEqual([0, 0, 0]);
    const { recommender } = await ials.fit(x, parameters(), { seed: 1 });
    expect([...recommender.embed!(historyOf())]).toEqual([0, 0, 0]);
    expect(recommender.scoreUser(historyOf(0))[2]).toBe(0);
    expect([...recommender.recommend(historyOf(), 3).indices]).toEqual([0, 1, 2]);
    expect([...recommender.similarItems(2, 5).scores]).toEqual([0, 0]);
    expect(recommender.explain(historyOf(0, 1), 2)).toEqual([]);
    expect(recommender.explain(historyOf(2), 0)).toEqual([]);
  });
});
