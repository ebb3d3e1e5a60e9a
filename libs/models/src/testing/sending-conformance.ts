import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import type { ModelParameters } from '#domain';
import { ShapeError, type CsrMatrix } from '#sparse';
import { restoreModel } from '../model-registry.js';
import type { Recommender, RecommenderKind } from '../recommender.js';
import type { Declared } from './declared.js';
import { fitting } from './fitting.js';
import { matricesAndHistories } from './toy-datasets.js';

const RUNS = { numRuns: 40, seed: 7 };
const lengths = fc.integer({ min: 1, max: 15 });

/**
 * What every model must do that passes from thread to thread. Node compares arrays bit by bit; with jest that
 * would take most of the time.
 */
export function describeSending(
  kind: RecommenderKind,
  parameters: ModelParameters,
  declared: Pick<Declared, 'lends'>,
): void {
  const fit = fitting(kind, parameters);
  const encode = async (matrix: CsrMatrix): Promise<Uint8Array> => (await fit(matrix)).encode();

  if (declared.lends)
    it('answers bit by bit the same where it is lent', async () => {
      await fc.assert(
        fc.asyncProperty(matricesAndHistories, lengths, async ({ matrix, histories }, k) => {
          const bytes = await encode(matrix);
          const [model, owner] = [kind.decode(bytes), kind.decode(bytes, 'shared')];
          const lending = owner.lend!(matrix.numCols);
          const inOtherThread = restoreModel(lending.lent);
          const rows = [...Array(histories.numRows).keys()];
          const answersOfAll = (one: Recommender) => rows.map((row) => answersOf(one, { histories, row, k }));
          deepStrictEqual(answersOfAll(inOtherThread), answersOfAll(model));
          deepStrictEqual(inOtherThread.encode(), bytes);
          expect(() => inOtherThread.lend!(1)).toThrow(ShapeError);
          lending.end();
        }),
        RUNS,
      );
    });

  it('answers bit by bit the same where it was transferred, and is lent from there', async () => {
    await fc.assert(
      fc.asyncProperty(matricesAndHistories, lengths, async ({ matrix, histories }, k) => {
        const bytes = await encode(matrix);
        const [model, maker] = [kind.decode(bytes), kind.decode(bytes, 'shared')];
        // What the maker did before must leave nothing behind.
        maker.recommend(matrix.row(0), k);
        const transferred = restoreModel(maker.transfer());
        const lending = transferred.lend?.(matrix.numCols);
        expect(lending !== undefined).toBe(declared.lends);
        const owners = [transferred, ...(lending ? [restoreModel(lending.lent)] : []), transferred];
        for (let row = 0; row < histories.numRows; row++) {
          const expected = answersOf(model, { histories, row, k });
          for (const owner of owners) deepStrictEqual(answersOf(owner, { histories, row, k }), expected);
        }
        expect([transferred.kind, transferred.numItems]).toEqual([model.kind, model.numItems]);
        deepStrictEqual(transferred.encode(), bytes);
        lending?.end();
      }),
      RUNS,
    );
  });
}

interface Call {
  readonly histories: CsrMatrix;
  readonly row: number;
  readonly k: number;
}

/** All that a model says of one row. */
function answersOf(model: Recommender, { histories, row, k }: Call) {
  const history = histories.row(row);
  const allowed = Uint8Array.from({ length: histories.numCols }, (_, item) => (item % 4 === 3 ? 0 : 1));
  const item = row % histories.numCols;
  return {
    scores: model.scoreUser(history),
    list: model.recommend(history, k),
    allowed: model.recommend(history, k, { allowed }),
    similar: model.similarItems(item, k),
    parts: model.explain(history, item),
  };
}
