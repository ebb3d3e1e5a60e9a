import { CsrMatrix } from '#sparse';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { historyOf } from '../testing/toy-datasets.js';
import { popularity } from './popularity.model.js';

describeRecommender(
  popularity,
  {},
  {
    isPersonal: false,
    explains: false,
    embeds: false,
    lends: false,
    ranksAllAtOnce: false,
    ndcg: 0.08,
  },
);

it('scores each item by the number of its users', async () => {
  const x = CsrMatrix.fromCoo({
    numRows: 3,
    numCols: 3,
    rows: [0, 1, 2, 2],
    cols: [1, 1, 1, 2],
    values: [5, 1, 1, 9],
  });
  const { recommender } = await popularity.fit(x, {}, { seed: 1 });
  expect([...recommender.recommend(historyOf(), 3).indices]).toEqual([1, 2, 0]);
  expect([...recommender.recommend(historyOf(), 3).scores]).toEqual([3, 1, 0]);
});
