/**
 * Steady load for a long time: what grows, by how many bytes a row, and what does not.
 *   npm run -s bench -- soak [--minutes 100] [--rate 30] [--samples FILE] [--warm-up 20] [--json]
 *   npm run -s bench -- soak --report FILE [--warm-up 20] [--json]
 *
 * One API, one worker, PostgreSQL and Redis of their own. Lists, items, and posts of interactions by ever new
 * and old users, `--rate` calls a second; a model is trained and activated every minute. Every ten seconds a
 * line of sizes and counts is appended to the file of samples, of which the report is made at the end, or
 * later by `--report`. Users and models are cached for ten minutes and 1,000 users in the process, so that
 * caches are full before the warm-up ends. Growth is the slope of a line through the means of eight blocks of
 * equal length, with its 95 % interval by Student's t.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { CACHE } from '../../scripts/lib/paths.mjs';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';
import { freePort } from '../../scripts/lib/servers.mjs';
import { fillDatabase } from '../lib/database.mjs';
import { readOptions } from '../lib/options.mjs';
import { machine } from '../lib/report.mjs';
import { startApi, startStores, startWorker } from '../lib/service.mjs';
import { runBenchmark, stops } from '../lib/workspace.mjs';
import { Load } from './load.mjs';
import { printReport } from './report.mjs';
import { takeSample } from './samples.mjs';

const options = readOptions({
  minutes: { type: 'string', default: '100' },
  rate: { type: 'string', default: '30' },
  samples: { type: 'string', default: join(CACHE, 'soak-samples.ndjson') },
  report: { type: 'string' },
  'warm-up': { type: 'string', default: '20' },
  json: { type: 'boolean', default: false },
});
const [minutes, rate, warmUpMinutes] = [options.minutes, options.rate, options['warm-up']].map(Number);
const SAMPLE_EVERY_MS = 10_000;
const [NUM_USERS, NUM_ITEMS, HISTORY] = [10_000, 1_000, 20];
const SETTINGS = {
  USER_CACHE_SECONDS: '600',
  USER_CACHE_ENTRIES: '1000',
  MODEL_CACHE_SECONDS: '600',
  TRAINING_THREADS: '1',
};

if (options.report === undefined) await runBenchmark(soak);
printReport(linesOf(options.report ?? options.samples), { warmUpMinutes, asJson: options.json });

async function soak() {
  const env = { ...(await startStores()), ...SETTINGS, WORKER_PORT: String(await freePort()) };
  await fillDatabase(env.DATABASE_URL, pairs());
  const worker = { port: Number(env.WORKER_PORT), pid: startWorker(env).pid };
  const processes = { api: await startApi(env), worker };
  await untilThere(`http://127.0.0.1:${worker.port}/health/ready`);
  const connections = { processes, ...connect(env) };
  const catalog = `http://127.0.0.1:${env.PORT}/v1/catalogs/default`;
  const load = new Load({ catalog, numUsers: NUM_USERS, numItems: NUM_ITEMS });
  const setup = { minutes, rate, users: NUM_USERS, items: NUM_ITEMS, historyItems: HISTORY, ...SETTINGS };
  const head = { name: 'soak', machine: machine(), node: process.versions.node, setup };
  writeFileSync(options.samples, `${JSON.stringify(head)}\n`);
  const end = new AbortController();
  const sampling = sampleUntil(end.signal, connections, load);
  await Promise.race([load.run(rate, minutes * 60), sampling]);
  end.abort();
  await sampling;
}

/** Popular items are more likely; the same numbers every time. */
function* pairs() {
  const random = randomNumbers();
  for (let user = 0; user < NUM_USERS; user++)
    for (let n = 0; n < HISTORY; n++) yield [`user-${user}`, `item-${Math.floor(random() ** 2 * NUM_ITEMS)}`];
}

function connect({ DATABASE_URL, REDIS_URL }) {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 });
  const redis = new Redis(REDIS_URL);
  stops.push(
    () => pool.end(),
    () => redis.disconnect(),
  );
  return { pool, redis };
}

async function untilThere(url) {
  while (!(await fetch(url).catch(() => null))?.ok) await delay(100);
}

async function sampleUntil(signal, connections, load) {
  const started = performance.now();
  for (let n = 1; !signal.aborted; n++) {
    const sample = await takeSample(connections);
    const { user, system } = process.cpuUsage();
    const seconds = (performance.now() - started) / 1_000;
    const ours = { answers: load.answers, processorSeconds: (user + system) / 1e6 };
    const line = { at: new Date().toISOString(), seconds, ...sample, load: ours };
    appendFileSync(options.samples, `${JSON.stringify(line)}\n`);
    const due = started + n * SAMPLE_EVERY_MS - performance.now();
    await delay(Math.max(0, due), undefined, { signal }).catch(() => undefined);
  }
}

function linesOf(path) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}
