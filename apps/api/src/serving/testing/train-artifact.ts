import { CsrMatrix, encodeServedModel, fitPopularity, modelKind, seededRandom } from '#models';

const NUM_USERS = 100;
const ITEMS_PER_USER = 20;

/** What is stored of a model of random histories, for items whose keys are twice their index. */
export async function trainArtifact(
  kind: string,
  numItems: number,
  parameters: object = {},
): Promise<Uint8Array> {
  const random = seededRandom(numItems);
  const pairs = new Set(
    Array.from(
      { length: NUM_USERS * ITEMS_PER_USER },
      (_, n) => (n % NUM_USERS) * numItems + Math.floor(random() * numItems),
    ),
  );
  const matrix = CsrMatrix.fromCoo({
    numRows: NUM_USERS,
    numCols: numItems,
    rows: Array.from(pairs, (pair) => Math.floor(pair / numItems)),
    cols: Array.from(pairs, (pair) => pair % numItems),
  });
  const model = modelKind(kind);
  const { recommender } = await model.fit(matrix, model.parameters.parse(parameters), { seed: 1 });
  const itemKeys = Int32Array.from({ length: numItems }, (_, index) => 2 * index);
  return encodeServedModel({ kind, itemKeys, recommender, popularity: await fitPopularity(matrix, 1) });
}
