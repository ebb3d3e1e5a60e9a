import fc from 'fast-check';
import type { ModelParameters } from '#domain';
import { ComputeThreads, type CsrMatrix, type RankedRows, type TopKOptions } from '#sparse';
import type { History, Recommender, RecommenderKind } from '../recommender.js';
import type { Declared } from './declared.js';
import { fitting } from './fitting.js';
import { matricesAndHistories, valuedMatrices } from './toy-datasets.js';

const RUNS = { numRuns: 25, seed: 3 };

/** A history, and the same one without its items of value 0. */
interface Past {
  readonly history: History;
  readonly likes: History;
  /** The items of value 0. */
  readonly seen: readonly number[];
}

function pastOf(history: History): Past {
  const places = [...history.indices.keys()];
  const liked = places.filter((place) => history.values[place] !== 0);
  const likes = {
    indices: Uint32Array.from(liked, (place) => history.indices[place]!),
    values: Float32Array.from(liked, (place) => history.values[place]!),
  };
  const seen = places.filter((place) => !liked.includes(place)).map((place) => history.indices[place]!);
  return { history, likes, seen };
}

/** What every model must make of entries of value 0: items that the user has seen, and nothing else. */
export function describeSeenItems(
  kind: RecommenderKind,
  parameters: ModelParameters,
  declared: Pick<Declared, 'ranksAllAtOnce'>,
): void {
  const fit = fitting(kind, parameters);

  it('makes of items of value 0 nothing but that they are not in the list', async () => {
    await fc.assert(
      fc.asyncProperty(matricesAndHistories, async ({ matrix, histories }) => {
        const model = await fit(matrix);
        for (let row = 0; row < histories.numRows; row++) expectSeenOnly(model, pastOf(histories.row(row)));
      }),
      RUNS,
    );
  });

  it('makes of a history of items of value 0 what it makes of an empty one', async () => {
    await fc.assert(
      fc.asyncProperty(matricesAndHistories, async ({ matrix, histories }) => {
        const model = await fit(matrix);
        for (let row = 0; row < histories.numRows; row++) {
          const { indices } = histories.row(row);
          const history = { indices, values: new Float32Array(indices.length) };
          const likes = { indices: new Uint32Array(), values: new Float32Array() };
          expectSeenOnly(model, { history, likes, seen: [...indices] });
        }
      }),
      RUNS,
    );
  });

  if (declared.ranksAllAtOnce)
    it('ranks for many histories at once without their items of value 0, which change nothing else', async () => {
      await fc.assert(
        fc.asyncProperty(matricesAndHistories, async ({ matrix, histories }) => {
          const model = await fit(matrix);
          const compute = new ComputeThreads({ threads: 1 });
          const rankAll = (rows: CsrMatrix) => model.recommendAll!(compute, rows, matrix.numCols);
          const [all, ofLikes] = [await rankAll(histories), await rankAll(histories.withoutZeros())];
          for (let row = 0; row < histories.numRows; row++) {
            const { seen } = pastOf(histories.row(row));
            const open = rowOf(ofLikes, row).filter(({ item }) => !seen.includes(item));
            expect(rowOf(all, row)).toEqual(open);
          }
        }),
        RUNS,
      );
    });

  it('learns nothing from entries of value 0', async () => {
    await fc.assert(
      fc.asyncProperty(valuedMatrices, async (matrix) => {
        expect((await fit(matrix)).encode()).toEqual((await fit(matrix.withoutZeros())).encode());
      }),
      RUNS,
    );
  });
}

function expectSeenOnly(model: Recommender, { history, likes, seen }: Past): void {
  const allowed = Uint8Array.from({ length: model.numItems }, (_, item) => (seen.includes(item) ? 0 : 1));
  expect(answersTo(model, history)).toEqual(answersTo(model, likes, { allowed }));
}

/** All that a model says of a history. */
function answersTo(model: Recommender, history: History, options?: TopKOptions) {
  const items = [...Array(model.numItems).keys()];
  const weights = Float64Array.from(items, (item) => (item % 3) - 0.5);
  return {
    scores: model.scoreUser(history),
    embedding: model.embed?.(history),
    steps: model.countSteps(history),
    parts: items.map((item) => model.explain(history, item)),
    partsOfMixture: model.explainMixture(history, weights),
    lists: [1, 3, model.numItems].map((k) => model.recommend(history, k, options)),
  };
}

function rowOf({ k, columns, scores, counts }: RankedRows, row: number) {
  return Array.from({ length: counts[row]! }, (_, rank) => ({
    item: columns[row * k + rank]!,
    score: scores[row * k + rank]!,
  }));
}
