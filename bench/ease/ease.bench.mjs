/**
 * The fit of EASE from a sparse matrix to B, against NumPy on the same matrix in the same call.
 *   npm run -s bench -- ease [--items 3000] [--rounds 5] [--json]
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import {
  computeGram,
  CsrMatrix,
  invertPositiveDefinite,
  loadKernels,
} from '../../dist/libs/sparse/src/index.js';
import { CACHE } from '../../scripts/lib/paths.mjs';
import { run, step } from '../../scripts/lib/run.mjs';
import { has, machine, median, print, ratio, round, time } from '../lib/report.mjs';

const REGULARIZATION = 100;
const NUMPY_VERSION = '2.2.6';
const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '3000' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'sparserec-bench-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const [numItems, rounds] = [Number(options.items), Number(options.rounds)];
  const matrix = randomMatrix(numItems * 2, numItems);
  const python = await installNumpy();
  for (const part of ['indptr', 'indices']) writeFileSync(join(folder, part), matrix[part]);
  const peers = {
    numpyFloat64: await startPeer(python, 'float64'),
    numpyFloat32: await startPeer(python, 'float32'),
  };
  const ours = await ourFit(matrix);
  const difference = {};
  const times = { sparserec: [] };
  for (const [name, peer] of Object.entries(peers)) {
    times[name] = [];
    await peer.fit();
    difference[name] = largestDifference(ours, readFileSync(join(folder, `B.${peer.type}`)), numItems);
  }
  for (let n = 0; n < rounds; n++) {
    times.sparserec.push(await time(() => ourFit(matrix)));
    for (const [name, peer] of Object.entries(peers)) times[name].push(await peer.fit());
  }
  for (const peer of Object.values(peers)) peer.stop();
  print(
    {
      name: 'ease',
      machine: machine(),
      versions: { node: process.versions.node, numpy: NUMPY_VERSION, kernel: loadKernels().name },
      setup: {
        items: numItems,
        users: numItems * 2,
        interactions: matrix.nnz,
        regularization: REGULARIZATION,
        threads: 1,
        numpyThreads: 1,
      },
      rounds,
      largestDifference: difference,
      medians: Object.fromEntries(
        Object.entries(times).map(([name, values]) => [`${name}Ms`, round(median(values))]),
      ),
      ratios: Object.fromEntries(
        Object.keys(peers).map((name) => [name, ratio(times[name], times.sparserec)]),
      ),
    },
    options.json,
  );
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

async function ourFit(matrix) {
  const kernels = loadKernels();
  const inverse = await computeGram(kernels, matrix);
  inverse.addToDiagonal(REGULARIZATION);
  await invertPositiveDefinite(kernels, inverse);
  return { inverse, scale: inverse.diagonal().map((value) => -1 / value) };
}

function largestDifference({ inverse, scale }, bytes, numItems) {
  const peer = new Float32Array(bytes.buffer, bytes.byteOffset, numItems * numItems);
  let largest = 0;
  for (let row = 0; row < numItems; row += 37) {
    for (let col = 0; col < numItems; col++) {
      if (row !== col)
        largest = Math.max(
          largest,
          Math.abs(inverse.get(row, col) * scale[col] - peer[row * numItems + col]),
        );
    }
  }
  return round(largest);
}

async function installNumpy() {
  const venv = join(CACHE, 'bench-venv');
  const python = join(venv, 'bin/python');
  if (!has('python3')) throw new Error('This benchmark compares with NumPy and needs python3 (with venv).');
  if (existsSync(join(venv, `numpy-${NUMPY_VERSION}`))) return python;
  await step('Installing NumPy', async () => {
    await run('python3', ['-m', 'venv', venv]);
    await run(python, ['-m', 'pip', 'install', '--quiet', `numpy==${NUMPY_VERSION}`]);
  });
  writeFileSync(join(venv, `numpy-${NUMPY_VERSION}`), '');
  return python;
}

/** One Python process a number type, limited to one thread as we are; it times its own fit. */
async function startPeer(python, type) {
  const threads = Object.fromEntries(
    ['OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'].map((name) => [name, '1']),
  );
  const script = new URL('./ease_numpy.py', import.meta.url).pathname;
  const child = spawn(python, [script, folder, type, String(REGULARIZATION)], {
    env: { ...process.env, ...threads },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const fit = async () => {
    child.stdin.write('fit\n');
    return Number((await lines.next()).value);
  };
  return { type, fit, stop: () => child.stdin.end() };
}
