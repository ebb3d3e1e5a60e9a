/**
 * Light calls beside heavy ones, with scoring threads and with everything on the event loop, in turn: how
 * late the calls and the event loop are, and what the threads cost in memory.
 *   npm run -s bench -- heavy-lists [--items 41000] [--rank 768] [--seconds 5] [--threads 1]
 *     [--loads alone,baskets,diverse,batch,activations] [--json]
 *
 * The model is a `blend` of random numbers. Light calls are for users whose best items are kept (100 a
 * second, at random times); heavy ones are baskets, and diverse lists, one after another by four callers; or
 * one batch of 1,000 users. Activations are of two such models in turn; beside them one caller asks for one
 * light list after another, and the longest time between two answers is reported.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';
import { step } from '../../scripts/lib/run.mjs';
import { freePort, startServers } from '../../scripts/lib/servers.mjs';
import { startApp, waitUntilReady } from '../../scripts/lib/service.mjs';
import { fillDatabase } from '../lib/database.mjs';
import { readOptions } from '../lib/options.mjs';
import { machine, print, round } from '../lib/report.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';
import { getRequest, openLoad } from '../serving/load.mjs';
import { publishLargeModel } from './large-model.mjs';

const options = readOptions({
  items: { type: 'string', default: '41000' },
  rank: { type: 'string', default: '768' },
  seconds: { type: 'string', default: '5' },
  threads: { type: 'string', default: '1' },
  loads: { type: 'string', default: 'alone,baskets,diverse,batch,activations' },
  json: { type: 'boolean', default: false },
});
const [numItems, rank, seconds] = [options.items, options.rank, options.seconds].map(Number);
const ITEMS_PER_USER = 20;
const NUM_USERS = Math.ceil(numItems / ITEMS_PER_USER);
const LIGHT_USERS = 20;
const LIGHT_RATE = 100;
const CALLERS = 4;
const ACTIVATIONS = 6;
const CATALOG = '/v1/catalogs/default';

const random = randomNumbers(3);
const basket = () => ({
  items: Array.from({ length: 5 }, () => ({ itemId: `item-${Math.floor(random() * numItems)}` })),
  k: 20,
});
const diverse = () => ({ ...basket(), diversity: 0.3 });

await runBenchmark(main);

async function main() {
  const servers = await startServers(folder, { postgres: true, redis: false });
  stops.push(servers.stop);
  const models = await step('Storing two models', () =>
    fillDatabase(servers.postgresUrl, pairs(), publishTwo),
  );
  const medians = { 'artifact MiB': mebibytes(models[0].artifactBytes) };
  for (const threads of new Set([options.threads, '0'])) {
    const measuring = () => measure({ servers, models }, threads);
    Object.assign(medians, await step(`Measuring with ${threads} threads`, measuring));
  }
  print(
    {
      name: 'heavy-lists',
      machine: machine(),
      versions: { node: process.versions.node },
      setup: { items: numItems, rank, lightCallsPerSecond: LIGHT_RATE, callers: CALLERS },
      rounds: 1,
      medians,
      ratios: {},
    },
    options.json,
  );
}

async function publishTwo(database) {
  return [await publishLargeModel(database, { rank }), await publishLargeModel(database, { rank })];
}

function* pairs() {
  for (let item = 0; item < numItems; item++) yield [`user-${item % NUM_USERS}`, `item-${item}`];
}

async function measure({ servers, models }, threads) {
  const port = await freePort();
  const probe = new URL('./loop-probe.mjs', import.meta.url).href;
  const app = startApp(
    'api',
    {
      DATABASE_URL: servers.postgresUrl,
      REDIS_URL: '',
      HOST: '127.0.0.1',
      PORT: String(port),
      HEAVY_THREADS: threads,
      HEAVY_QUEUE: '64',
      NODE_OPTIONS: `--import=${probe}`,
    },
    folder,
  );
  try {
    await waitUntilReady(app, `http://127.0.0.1:${port}`);
    const service = { app, port };
    const light = Array.from(
      { length: LIGHT_USERS },
      (_, user) => `${CATALOG}/users/user-${user}/recommendations?k=20`,
    );
    for (let turn = 0; turn < 3; turn++) for (const path of light) await call(service, path);
    await delay(1_000);
    const before = memoryOf(app.pid);
    const loads = {
      alone: () => longestGap(service, light, () => delay(seconds * 1_000)),
      baskets: () => repeat(service, basket),
      diverse: () => repeat(service, diverse),
      batch: () => batch(service),
      activations: () => activateInTurn(service, { light, models }),
    };
    const results = {};
    for (const load of options.loads.split(',')) results[load] = await beside(service, light, loads[load]);
    const named = Object.entries(results).flatMap(([load, figures]) =>
      Object.entries(figures).map(([figure, value]) => [`${threads} threads, ${load}: ${figure}`, value]),
    );
    return {
      ...Object.fromEntries(named),
      [`${threads} threads: MiB before, after`]: `${before}, ${memoryOf(app.pid)}`,
    };
  } finally {
    await app.stop();
  }
}

/**
 * Light calls for as long as `work` takes. @returns how late they and the event loop were, and
 * what the work says
 */
async function beside({ app, port }, paths, work) {
  await loopDelay(app);
  const load = { port, requests: paths.map(getRequest), connections: 32, rate: LIGHT_RATE };
  let isDone = false;
  const working = work().finally(() => (isDone = true));
  const parts = [];
  while (!isDone) parts.push(await openLoad({ ...load, seconds: Math.min(2, seconds) }));
  const loop = await loopDelay(app);
  const done = await working;
  const worst = (figure) => round(Math.max(...parts.map((part) => part[figure])));
  return {
    'light p50 ms': worst('p50'),
    'light p99 ms': worst('p99'),
    'light failed': parts.reduce((sum, { failed }) => sum + failed, 0),
    'loop p50 ms': round(loop.p50),
    'loop p99 ms': round(loop.p99),
    'loop max ms': round(loop.max),
    ...done,
  };
}

async function loopDelay(app) {
  const seen = linesOf(app).length;
  process.kill(app.pid, 'SIGUSR2');
  while (linesOf(app).length === seen) await delay(20);
  return JSON.parse(linesOf(app).at(-1));
}

function linesOf({ logPath }) {
  return readFileSync(logPath, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"loop-delay"'));
}

/** Callers that ask one list after another. */
async function repeat(service, request) {
  const until = performance.now() + seconds * 1_000;
  const latencies = [];
  const ask = async () => {
    while (performance.now() < until) {
      const started = performance.now();
      await call(service, `${CATALOG}/recommendations`, request());
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, ask));
  latencies.sort((a, b) => a - b);
  return {
    'heavy a second': round((latencies.length * 1_000) / (performance.now() - until + seconds * 1_000)),
    'heavy p50 ms': round(latencies[latencies.length >> 1]),
  };
}

async function activateInTurn(service, { light, models }) {
  const durations = [];
  const activateAll = async () => {
    for (let turn = 0; turn < ACTIVATIONS; turn++) {
      const started = performance.now();
      await call(service, `${CATALOG}/models/${models[turn % models.length].id}/activate`, {});
      durations.push(performance.now() - started);
    }
  };
  const gap = await longestGap(service, light, activateAll);
  durations.sort((a, b) => a - b);
  return { ...gap, 'activation p50 ms': round(durations[durations.length >> 1]) };
}

/** One light call after another while `work` is done. */
async function longestGap(service, paths, work) {
  let isDone = false;
  const working = work().finally(() => (isDone = true));
  let [last, longest] = [performance.now(), 0];
  for (let n = 0; !isDone; n++) {
    await call(service, paths[n % paths.length]);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    await delay(1);
  }
  await working;
  return { 'longest gap ms': round(longest) };
}

async function batch(service) {
  const requests = Array.from({ length: 1_000 }, (_, n) => ({
    userId: `user-${LIGHT_USERS + (n % (NUM_USERS - LIGHT_USERS))}`,
    k: 20,
  }));
  const started = performance.now();
  const text = await call(service, `${CATALOG}/recommendations/batch`, { requests });
  const lines = text.trimEnd().split('\n');
  return {
    'batch s': round((performance.now() - started) / 1_000),
    'batch errors': lines.filter((line) => line.includes('"error"')).length,
  };
}

async function call({ port }, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...(body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text;
}

function memoryOf(pid) {
  return mebibytes(1_024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]));
}

function mebibytes(bytes) {
  return Math.round(bytes / 2 ** 20);
}
