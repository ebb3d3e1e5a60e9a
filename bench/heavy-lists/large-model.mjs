/** A model of random numbers that is as large as a real one, stored and active like one. */
import { ItemsRepository, ModelsRepository, TrainingRunsRepository } from '../../dist/libs/data/src/index.js';
import { encodeServedModel, fitPopularity } from '../../dist/libs/models/src/index.js';
import { storedModels } from '../../dist/libs/models/src/linear/linear.model.js';
import { CsrMatrix, FactorMatrix, loadKernels } from '../../dist/libs/sparse/src/index.js';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';

const ENTRIES_PER_ROW = 64;
const BLEND = { name: 'blend', version: 1 };

/** @returns the model */
export async function publishLargeModel(database, { rank }) {
  const { changed } = await new ItemsRepository(database).findServedSince('default', 0);
  const itemKeys = Int32Array.from(changed, ({ itemKey }) => itemKey).sort();
  const recommender = randomBlend(itemKeys.length, rank);
  const nobody = CsrMatrix.fromCoo({ numRows: 1, numCols: itemKeys.length, rows: [], cols: [] });
  const popularity = await fitPopularity(nobody, 1);
  const artifact = encodeServedModel({ kind: 'blend', itemKeys, recommender, popularity });
  const run = { catalogId: 'default', kind: 'blend', parameters: {}, activate: true };
  const { id: runId } = await new TrainingRunsRepository(database).create(run);
  const models = new ModelsRepository(database);
  const model = await models.publish(
    {
      id: runId,
      catalogId: 'default',
      runId,
      kind: 'blend',
      parameters: {},
      metrics: {},
      baseline: {},
      measuredUsers: null,
      breadth: null,
      snapshotHash: 'random',
      codeVersion: 'bench',
      kernel: 'none',
      numUsers: 0,
      numItems: itemKeys.length,
      numInteractions: 0,
    },
    artifact,
  );
  return models.activate('default', model.id);
}

function randomBlend(numItems, rank) {
  const random = randomNumbers(5);
  const nnz = numItems * ENTRIES_PER_ROW;
  const indices = new Uint32Array(nnz);
  const step = Math.floor(numItems / ENTRIES_PER_ROW);
  for (let e = 0; e < nnz; e++) indices[e] = (e % ENTRIES_PER_ROW) * step + Math.floor(random() * step);
  const indptr = Uint32Array.from({ length: numItems + 1 }, (_, row) => row * ENTRIES_PER_ROW);
  const values = Float32Array.from(indices, () => random() / ENTRIES_PER_ROW);
  const factors = new FactorMatrix(numItems, rank, new Float32Array(numItems * rank));
  for (let e = 0; e < factors.values.length; e++) factors.values[e] = random() - 0.5;
  const ones = (length) => new Float32Array(length).fill(1);
  const lowRank = { factors, entry: ones(numItems), weights: ones(rank).fill(1 / rank) };
  const weights = new CsrMatrix({ numRows: numItems, numCols: numItems, indptr, indices, values });
  return storedModels(loadKernels(), BLEND, { weights, lowRank })('int8');
}
