/**
 * Posts to a catalog while `sparserec import` brings a large CSV file into it: how long they take until they
 * are stored, from the start of the command to its end, and the most memory that the command takes.
 *   npm run -s bench -- posts-during-import [--rows 10000000] [--rate 20] [--json]
 *
 * Posts begin at a steady rate, whether those before are answered or not, with ten rows each: half of them of
 * users and items that the catalog has, half of new ones that the file does not have. Posts of what the file
 * brings would wait for its end. The same posts for half a minute before it say what the machine adds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { migrate } from '../../dist/libs/data/src/index.js';
import { KERNEL_FLAGS, ROOT } from '../../scripts/lib/paths.mjs';
import { StepError } from '../../scripts/lib/run.mjs';
import { readOptions } from '../lib/options.mjs';
import { machine, print, round } from '../lib/report.mjs';
import { startApi, startStores } from '../lib/service.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';
import { Posts } from './posts.mjs';

const options = readOptions({
  rows: { type: 'string', default: '10000000' },
  rate: { type: 'string', default: '20' },
  json: { type: 'boolean', default: false },
});
const [numRows, rate] = [Number(options.rows), Number(options.rate)];
const CLI = join(ROOT, 'dist/programs/cli.js');
const ROWS_PER_USER = 30;
const CHUNK_ROWS = 5_000;
const BEFORE_MS = 30_000;

await runBenchmark(main);

async function main() {
  const env = await startStores();
  await migrate(env.DATABASE_URL, join(ROOT, 'prisma/migrations'));
  const posts = new Posts(await startApi(env), rate);
  await posts.makeKnown();
  const file = join(folder, 'rows.csv');
  await pipeline(Readable.from(linesOfFile()), createWriteStream(file));
  const before = await posts.during(new Promise((done) => setTimeout(done, BEFORE_MS)));
  const importing = importFile(file, env.DATABASE_URL);
  const meanwhile = await posts.during(importing);
  const { seconds, peakMiB } = await importing;
  print(
    {
      ...{ name: 'posts-during-import', machine: machine(), rounds: 1, ratios: {} },
      setup: { rows: numRows, postsPerSecond: rate },
      medians: {
        ...{ importSeconds: round(seconds), importPeakMiB: peakMiB },
        ...named('before', before),
        ...named('meanwhile', meanwhile),
      },
    },
    options.json,
  );
}

/** Of users and items that posts do not know. */
function* linesOfFile() {
  yield 'userId,itemId,type,occurredAt\n';
  const at = new Date(Date.UTC(2026, 0, 1)).toISOString();
  for (let first = 0; first < numRows; first += CHUNK_ROWS) {
    let chunk = '';
    for (let n = first; n < Math.min(numRows, first + CHUNK_ROWS); n++)
      chunk += `of-file-${Math.floor(n / ROWS_PER_USER)},item-of-file-${(n * 7_919) % 50_000},view,${at}\n`;
    yield chunk;
  }
}

/** @returns seconds that the command takes, and its most memory, which Linux alone says */
async function importFile(file, url) {
  const begun = performance.now();
  const args = [CLI, 'import', '--data', file, '--database', url];
  const child = spawn(process.execPath, [...KERNEL_FLAGS, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  stops.push(() => void child.kill());
  let peakMiB = null;
  const sampling = setInterval(() => (peakMiB = peakOf(child.pid) ?? peakMiB), 500);
  const [code] = await once(child, 'exit');
  clearInterval(sampling);
  if (code !== 0) throw new StepError(`The import ended with ${code}.`);
  return { seconds: (performance.now() - begun) / 1_000, peakMiB };
}

function peakOf(pid) {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? null : Math.round(kibibytes / 1_024);
  } catch {
    return null;
  }
}

function named(when, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  return {
    [`${when}Posts`]: sorted.length,
    [`${when}P50Ms`]: at(0.5),
    [`${when}P99Ms`]: at(0.99),
    [`${when}LongestMs`]: at(1),
  };
}
