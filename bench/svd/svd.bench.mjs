/**
 * The truncated SVD of a degree-normalised user-item matrix, by all threads, against SciPy's ARPACK and
 * scikit-learn's randomised SVD on the same matrix in the same call, each with the least effort that
 * reaches the same residual.
 *   npm run -s bench -- svd [--data DIR] [--rank 256] [--tolerance 0.001] [--rounds 3]
 *     [--peers NAME,NAME] [--json]
 *
 * DIR has a train.txt, such as that of Gowalla; without `--data` a random matrix of Gowalla's shape is taken.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  ComputeThreads,
  computeTruncatedSvd,
  CsrMatrix,
  seededRandom,
} from '../../dist/libs/sparse/src/index.js';
import { StepError } from '../../scripts/lib/run.mjs';
import { readOptions } from '../lib/options.mjs';
import { installPythonPeers, PYTHON_PACKAGES, startPythonPeer } from '../lib/python-peers.mjs';
import { readTrain } from '../lib/read-train.mjs';
import { machine, median, print, ratio, round, time } from '../lib/report.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';

const GOWALLA_SHAPE = { numRows: 29_858, numCols: 40_981, perRow: 27 };
const PEER_SCRIPT = new URL('./svd_peers.py', import.meta.url).pathname;
const options = readOptions({
  data: { type: 'string' },
  rank: { type: 'string', default: '256' },
  tolerance: { type: 'string', default: '0.001' },
  rounds: { type: 'string', default: '3' },
  peers: { type: 'string', default: 'scipySvds,sklearnRandomized' },
  json: { type: 'boolean', default: false },
});

const PEERS = options.peers.split(',');
const threads = availableParallelism();
const compute = new ComputeThreads({ threads });
stops.push(() => compute.close());
await runBenchmark(main);

async function main() {
  const [rank, rounds, tolerance] = [options.rank, options.rounds, options.tolerance].map(Number);
  const matrix = normalize(options.data === undefined ? random() : await read(options.data));
  const python = await installPythonPeers();
  write(matrix);
  const ours = { times: [], last: await decompose(matrix, rank, tolerance) };
  const residual = Math.max(...ours.last.residuals);
  const oversampling = Math.max(16, Math.ceil(rank / 8));
  const peers = await Promise.all(
    PEERS.map((name) =>
      startPythonPeer(python, PEER_SCRIPT, name, [folder, rank, oversampling, residual], threads),
    ),
  );
  const answers = Object.fromEntries(PEERS.map((name) => [name, []]));
  for (const peer of peers) await peer.ask();
  for (let n = 0; n < rounds; n++) {
    ours.times.push(await time(() => decompose(matrix, rank, tolerance)));
    for (const peer of peers) answers[peer.name].push((await peer.ask()).split(' ').map(Number));
  }
  for (const peer of peers) peer.stop();
  report({ matrix, rank, rounds, residual, ours, peers, answers });
}

function report({ matrix, rank, rounds, residual, ours, peers, answers }) {
  const timesOf = (name) => answers[name].map(([ms]) => ms);
  print(
    {
      name: 'svd',
      machine: machine(),
      versions: { node: process.versions.node, ...PYTHON_PACKAGES, kernel: compute.kernels.name },
      setup: {
        data: options.data === undefined ? 'random' : basename(resolve(options.data)),
        rows: matrix.numRows,
        columns: matrix.numCols,
        entries: matrix.nnz,
        rank,
        threads,
        blas: Object.fromEntries(peers.map(({ name, blas }) => [name, blas])),
      },
      rounds,
      residuals: { sparserec: round(residual), ...fieldOf(answers, 1) },
      effort: { sparserecRounds: ours.last.rounds, ...fieldOf(answers, 2) },
      smallestSingularValue: { sparserec: round(ours.last.singularValues.at(-1)), ...fieldOf(answers, 3) },
      medians: {
        sparserecMs: round(median(ours.times)),
        ...Object.fromEntries(PEERS.map((name) => [`${name}Ms`, round(median(timesOf(name)))])),
      },
      ratios: Object.fromEntries(PEERS.map((name) => [name, ratio(timesOf(name), ours.times)])),
    },
    options.json,
  );
}

function fieldOf(answers, field) {
  return Object.fromEntries(PEERS.map((name) => [name, round(answers[name].at(-1)[field])]));
}

function decompose(matrix, rank, tolerance) {
  return computeTruncatedSvd(compute, matrix, { rank, seed: 1, tolerance });
}

/** D_u^−½·X·D_i^−½ */
function normalize(x) {
  const root = (count) => (count > 0 ? 1 / Math.sqrt(count) : 1);
  const rows = Float32Array.from({ length: x.numRows }, (_, r) => root(x.indptr[r + 1] - x.indptr[r]));
  return x.scale({ rows, columns: Float32Array.from(x.columnCounts(), root) });
}

async function read(data) {
  const path = join(data, 'train.txt');
  if (!existsSync(path)) throw new StepError(`There is no ${path}.`);
  return readTrain(path);
}

/** Popular items are more likely; the same numbers every time. */
function random() {
  process.stderr.write("Without --data: a random matrix of Gowalla's shape.\n");
  const { numRows, numCols, perRow } = GOWALLA_SHAPE;
  const next = seededRandom(1);
  const rows = [];
  const cols = [];
  for (let row = 0; row < numRows; row++) {
    const items = new Set(Array.from({ length: perRow }, () => Math.floor(next() ** 2 * numCols)));
    for (const item of items) (rows.push(row), cols.push(item));
  }
  return CsrMatrix.fromCoo({ numRows, numCols, rows, cols });
}

function write(matrix) {
  for (const part of ['indptr', 'indices', 'values']) writeFileSync(join(folder, part), matrix[part]);
  writeFileSync(join(folder, 'shape'), Uint32Array.of(matrix.numRows, matrix.numCols));
}
