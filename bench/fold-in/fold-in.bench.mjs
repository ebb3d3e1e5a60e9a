/**
 * How well lightgcl ranks for users it was not trained on, beside the same users trained with
 * half of their history.
 *   npm run -s bench -- fold-in --train FILE [--epochs 40]
 *
 * FILE has one user a line, `user item item …`. Every tenth user is left out of the training. Half of their
 * items are the history, the other half is what is to be found.
 */
import {
  ComputeThreads,
  CsrMatrix,
  evaluate,
  evaluateBatch,
  modelKind,
  pairedDifference,
} from '../../dist/libs/models/src/index.js';
import { readOptions } from '../lib/options.mjs';
import { readTrain } from '../lib/read-train.mjs';

const options = readOptions(
  {
    train: { type: 'string' },
    epochs: { type: 'string', default: '40' },
  },
  { train: 'a train.txt' },
);
const KS = { ks: [20], seed: 1 };
const matrix = await readTrain(options.train);
const compute = new ComputeThreads({ threads: 1 });
const isLeftOut = (user) => user % 10 === 3;
const isHistory = (user, position) => (Math.imul(user * 131 + position, 2654435761) >>> 0) % 2 === 0;

const withHalf = part((user, position) => !isLeftOut(user) || isHistory(user, position));
const split = {
  train: withHalf,
  test: part((user, position) => isLeftOut(user) && !isHistory(user, position)),
};
const settings = {
  batchSize: 4096,
  learningRate: 0.005,
  epochs: Number(options.epochs),
  patience: 0,
  contrastWeight: 0,
  storage: 'f32',
};

const unknown = await fit(
  'lightgcl',
  settings,
  part((user) => !isLeftOut(user)),
);
const known = await fit('lightgcl', settings, withHalf);
const foldedIn = show('left out, folded in', evaluate(unknown.recommender, split, KS));
const trainedFoldedIn = show('trained, folded in', evaluate(known.recommender, split, KS));
const trained = show('trained, own embedding', await evaluateBatch(known.rankUnpruned, split, KS));
for (const [label, other] of [
  ['left out − trained, folded in', trainedFoldedIn],
  ['left out − trained, own embedding', trained],
])
  show(label, { metrics: differences(foldedIn.perUser, other.perUser) });
compute.close();

async function fit(kind, parameters, train) {
  const entry = modelKind(kind);
  return entry.fit(train, entry.parameters.parse(parameters), { seed: 1, compute });
}

function differences(a, b) {
  return Object.fromEntries(Object.keys(a).map((name) => [name, pairedDifference(a[name], b[name], 1)]));
}

function show(label, evaluation) {
  const figures = Object.entries(evaluation.metrics).map(
    ([name, { mean, ci95 }]) =>
      `${name} ${mean.toFixed(4)} [${ci95.map((end) => end.toFixed(4)).join(', ')}]`,
  );
  process.stdout.write(`${label.padEnd(36)}${figures.join('  ')}\n`);
  return evaluation;
}

/** The entries that `keep` wants, by user and position in the user's row. */
function part(keep) {
  const [rows, cols] = [[], []];
  for (let user = 0; user < matrix.numRows; user++)
    matrix.row(user).indices.forEach((item, position) => {
      if (!keep(user, position)) return;
      rows.push(user);
      cols.push(item);
    });
  return CsrMatrix.fromCoo({ numRows: matrix.numRows, numCols: matrix.numCols, rows, cols });
}
