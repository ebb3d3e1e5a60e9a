import fc from 'fast-check';
import type { ModelParameters } from '#domain';
import { ShapeError, type CsrMatrix } from '#sparse';
import { receiveModel } from '../model-registry.js';
import type { Recommender, RecommenderKind } from '../recommender.js';
import type { Declared } from './declared.js';
import { matricesAndHistories } from './toy-datasets.js';

const RUNS = { numRuns: 40, seed: 7 };
const lengths = fc.integer({ min: 1, max: 15 });

/** What every model must do that passes from thread to thread. */
export function describePassing(
  kind: RecommenderKind,
  parameters: ModelParameters,
  declared: Pick<Declared, 'lends'>,
): void {
  const encode = async (matrix: CsrMatrix): Promise<Uint8Array> =>
    (await kind.fit(matrix, parameters, { seed: 1 })).recommender.encode();

  if (declared.lends)
    it('answers bit by bit the same where it is lent', async () => {
      await fc.assert(
        fc.asyncProperty(matricesAndHistories, lengths, async ({ matrix, histories }, k) => {
          const bytes = await encode(matrix);
          const [model, owner] = [kind.decode(bytes), kind.decode(bytes, 'shared')];
          const loan = owner.lend!(matrix.numCols);
          const borrowed = receiveModel(loan.lent);
          for (let row = 0; row < histories.numRows; row++)
            expectSame(borrowed, model, { histories, row, k });
          expect(borrowed.encode()).toEqual(bytes);
          expect(() => borrowed.lend!(1)).toThrow(ShapeError);
          loan.end();
        }),
        RUNS,
      );
    });

  it('answers bit by bit the same where it was handed over, and is lent from there', async () => {
    await fc.assert(
      fc.asyncProperty(matricesAndHistories, lengths, async ({ matrix, histories }, k) => {
        const bytes = await encode(matrix);
        const [model, maker] = [kind.decode(bytes), kind.decode(bytes, 'shared')];
        // What the maker did before must leave nothing behind.
        maker.recommend(matrix.row(0), k);
        const adopted = receiveModel(maker.handOver());
        const loan = adopted.lend?.(matrix.numCols);
        expect(loan !== undefined).toBe(declared.lends);
        const owners = [adopted, ...(loan ? [receiveModel(loan.lent)] : []), adopted];
        for (let row = 0; row < histories.numRows; row++)
          for (const owner of owners) expectSame(owner, model, { histories, row, k });
        expect([adopted.kind, adopted.numItems]).toEqual([model.kind, model.numItems]);
        expect(adopted.encode()).toEqual(bytes);
        loan?.end();
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

function expectSame(model: Recommender, expected: Recommender, { histories, row, k }: Call): void {
  const history = histories.row(row);
  const allowed = Uint8Array.from({ length: histories.numCols }, (_, item) => (item % 4 === 3 ? 0 : 1));
  const item = row % histories.numCols;
  expect(model.scoreUser(history)).toEqual(expected.scoreUser(history));
  expect(model.recommend(history, k)).toEqual(expected.recommend(history, k));
  expect(model.recommend(history, k, { allowed })).toEqual(expected.recommend(history, k, { allowed }));
  expect(model.similarItems(item, k)).toEqual(expected.similarItems(item, k));
  expect(model.explain(history, item)).toEqual(expected.explain(history, item));
}
