/**
 * Latency of recommendation calls while a model is fitted on the same machine, beside the
 * latency without a fit.
 *   npm run -s bench -- serving-during-fit [--items 8192] [--rate 200] [--seconds 10] [--json]
 *
 * Calls are sent at a fixed rate, whether earlier ones were answered or not; latency counts from the moment
 * a call was due.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { StepError } from '../../scripts/lib/run.mjs';
import { fillDatabase } from '../lib/database.mjs';
import { readOptions } from '../lib/options.mjs';
import { machine, print, round } from '../lib/report.mjs';
import { startApi, startStores, startWorker } from '../lib/service.mjs';
import { runBenchmark } from '../lib/workspace.mjs';

const options = readOptions({
  items: { type: 'string', default: '8192' },
  rate: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '10' },
  json: { type: 'boolean', default: false },
});
const [numItems, rate, seconds] = [options.items, options.rate, options.seconds].map(Number);
const NUM_USERS = numItems;
const PORT = '3999';
const API = `http://127.0.0.1:${PORT}`;
const CATALOG = `${API}/v1/catalogs/default`;

await runBenchmark(main);

async function main() {
  const env = { ...(await startStores()), PORT };
  await fillDatabase(env.DATABASE_URL, pairs());
  startWorker(env);
  await startApi(env);
  await train(100);
  await measure(() => delay(2_000));
  const alone = await measure(() => delay(seconds * 1_000));
  const fitting = await measure(() => train(200));
  print(
    {
      name: 'serving-during-fit',
      machine: machine(),
      versions: { node: process.versions.node },
      setup: { items: numItems, users: NUM_USERS, callsPerSecond: rate },
      rounds: 1,
      medians: {
        p50AloneMs: alone.p50,
        p50DuringFitMs: fitting.p50,
        p99AloneMs: alone.p99,
        p99DuringFitMs: fitting.p99,
        failedCalls: alone.failed + fitting.failed,
        fitSeconds: fitting.seconds,
      },
      ratios: {},
    },
    options.json,
  );
}

/** Popular items are more likely; the same numbers every time. */
function* pairs() {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  for (let user = 0; user < NUM_USERS; user++) {
    for (let n = 0; n < 20; n++) yield [`user-${user}`, `item-${Math.floor(random() ** 2 * numItems)}`];
  }
}

/** A whole run: fit, evaluation, fit on everything, activation. */
async function train(regularization) {
  const body = JSON.stringify({ model: 'ease', parameters: { regularization }, activate: true });
  const headers = { 'content-type': 'application/json' };
  const { id } = await (await fetch(`${CATALOG}/training-runs`, { method: 'POST', headers, body })).json();
  for (;;) {
    const run = await (await fetch(`${CATALOG}/training-runs/${id}`)).json();
    if (run.status === 'succeeded') return;
    if (run.status === 'failed') throw new StepError(`The run failed: ${JSON.stringify(run.error)}`);
    await delay(200);
  }
}

/** Calls at the rate as long as `work` takes. */
async function measure(work) {
  const latencies = [];
  let failed = 0;
  let isDone = false;
  const working = work().finally(() => (isDone = true));
  const started = performance.now();
  const calls = [];
  for (let n = 0; !isDone; n++) {
    const due = started + (n * 1_000) / rate;
    await delay(Math.max(0, due - performance.now()));
    calls.push(
      call(n).then(
        () => latencies.push(performance.now() - due),
        () => failed++,
      ),
    );
  }
  await working;
  await Promise.all(calls);
  latencies.sort((a, b) => a - b);
  const percentile = (share) => round(latencies[Math.floor(latencies.length * share)]);
  return {
    p50: percentile(0.5),
    p99: percentile(0.99),
    failed,
    seconds: round((performance.now() - started) / 1_000),
  };
}

async function call(n) {
  const response = await fetch(`${CATALOG}/users/user-${(n * 7919) % NUM_USERS}/recommendations?k=20`);
  if (!response.ok) throw new Error(String(response.status));
  await response.arrayBuffer();
}
