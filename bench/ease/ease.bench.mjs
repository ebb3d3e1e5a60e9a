/**
 * The inverse at the heart of EASE, by all threads, against NumPy and LAPACK on the same matrix
 * in the same call.
 *   npm run -s bench -- ease [--items 3000] [--rounds 3] [--growth] [--json]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  computeGram,
  ComputeThreads,
  CsrMatrix,
  invertPositiveDefinite,
} from '../../dist/libs/sparse/src/index.js';
import { readOptions } from '../lib/options.mjs';
import { installPythonPeers, PYTHON_PACKAGES, startPythonPeer } from '../lib/python-peers.mjs';
import { machine, median, print, ratio, round, time } from '../lib/report.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';

const REGULARIZATION = 100;
const PEER_SCRIPT = new URL('./ease_peers.py', import.meta.url).pathname;
const PEERS = ['numpyFloat64', 'numpyFloat32', 'scipyPotri'];
const GROWTH_ITEMS = [2_048, 4_096, 8_192, 16_384];
/** Rows of B that are compared: every so many. */
const COMPARED_STEP = 37;
const MICRO_KERNEL_REPEATS = 50_000;
const options = readOptions({
  items: { type: 'string', default: '3000' },
  rounds: { type: 'string', default: '3' },
  growth: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
});

const threads = availableParallelism();
const compute = new ComputeThreads({ threads });
stops.push(() => compute.close());
await runBenchmark(main);

async function main() {
  const [numItems, rounds] = [Number(options.items), Number(options.rounds)];
  const matrix = randomMatrix(numItems * 2, numItems);
  const python = await installPythonPeers();
  for (const part of ['indptr', 'indices']) writeFileSync(join(folder, part), matrix[part]);
  const peers = await Promise.all(
    PEERS.map((name) => startPythonPeer(python, PEER_SCRIPT, name, [folder, REGULARIZATION], threads)),
  );
  const largestDifference = await compareWarm(matrix, peers);
  const times = { sparserec: [], ...Object.fromEntries(PEERS.map((name) => [name, []])) };
  for (let n = 0; n < rounds; n++) {
    times.sparserec.push((await ourInverse(matrix)).ms);
    for (const peer of peers) times[peer.name].push(Number(await peer.ask()));
  }
  for (const peer of peers) peer.stop();
  const ours = median(times.sparserec);
  const microKernel = await microKernelGflops();
  print(
    {
      name: 'ease',
      machine: machine(),
      versions: { node: process.versions.node, ...PYTHON_PACKAGES, kernel: compute.kernels.name },
      setup: {
        items: numItems,
        interactions: matrix.nnz,
        regularization: REGULARIZATION,
        threads,
        blas: Object.fromEntries(peers.map(({ name, blas }) => [name, blas])),
      },
      rounds,
      largestDifference,
      medians: Object.fromEntries(
        Object.entries(times).map(([name, values]) => [`${name}Ms`, round(median(values))]),
      ),
      ratios: Object.fromEntries(PEERS.map((name) => [name, ratio(times[name], times.sparserec)])),
      gflops: round(gflops(numItems, ours)),
      microKernelGflopsPerThread: round(microKernel),
      shareOfMicroKernel: round(gflops(numItems, ours) / (threads * microKernel)),
      ...(options.growth && { growth: await measureGrowth() }),
    },
    options.json,
  );
}

/** Cholesky and inverse: n³ FLOPs. */
function gflops(numItems, ms) {
  return numItems ** 3 / ms / 1e6;
}

/** Popular items are more likely; the same numbers every time. */
function randomMatrix(numUsers, numItems) {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const rows = [];
  const cols = [];
  for (let user = 0; user < numUsers; user++) {
    const items = new Set(Array.from({ length: 30 }, () => Math.floor(random() ** 2 * numItems)));
    for (const item of items) (rows.push(user), cols.push(item));
  }
  return CsrMatrix.fromCoo({ numRows: numUsers, numCols: numItems, rows, cols });
}

async function ourInverse(matrix) {
  const inverse = await computeGram(compute, matrix);
  inverse.addToDiagonal(REGULARIZATION);
  const ms = await time(() => invertPositiveDefinite(compute, inverse));
  return { inverse, ms };
}

/** The first inverse of everyone warms up, and shows that all compute the same. */
async function compareWarm(matrix, peers) {
  const { inverse } = await ourInverse(matrix);
  const scale = inverse.diagonal().map((value) => -1 / value);
  const differences = {};
  for (const { name, ask } of peers) {
    await ask();
    const bytes = readFileSync(join(folder, `B.${name}`));
    const theirs = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    differences[name] = round(largestDifference(inverse, scale, theirs));
  }
  return differences;
}

/** Over the lower triangle, all that LAPACK's potri gives. */
function largestDifference(inverse, scale, theirs) {
  let largest = 0;
  for (let row = 0; row < inverse.order; row += COMPARED_STEP) {
    const start = (row / COMPARED_STEP) * inverse.order;
    for (let col = 0; col < row; col++)
      largest = Math.max(largest, Math.abs(inverse.get(row, col) * scale[col] - theirs[start + col]));
  }
  return largest;
}

/** The register block alone, from the first-level cache, on one thread. */
async function microKernelGflops() {
  compute.kernels.runMicroKernel(MICRO_KERNEL_REPEATS);
  let flops = 0;
  const ms = await time(() => (flops = compute.kernels.runMicroKernel(MICRO_KERNEL_REPEATS)));
  return flops / ms / 1e6;
}

async function measureGrowth() {
  const growth = [];
  for (const numItems of GROWTH_ITEMS) {
    const { ms } = await ourInverse(randomMatrix(numItems * 2, numItems));
    growth.push({ items: numItems, ms: round(ms), gflops: round(gflops(numItems, ms)) });
  }
  return growth;
}
