/**
 * Recommendation calls: how many a second, how late, at what cost. In the same call, in turn: Fastify that
 * serialises an equal constant answer, and Fastify that reads a ready list of equal size from Redis. At the
 * end new lists alone, by processor time in proportion to the constant: with other options each time (`new`),
 * after each history has changed (`click`), and of users whom only Redis has (`cold`).
 *   npm run -s bench -- serving [--data DIR] [--model ease,spectral] [--param NAME=VALUE] [--seconds 3]
 *     [--held 0] [--minutes 10] [--json]
 *
 * DIR has a train.txt; without it the data is made. `--param NAME=VALUE` sets parameters of the model,
 * `--held 0` lets the API hold no user in memory, so that every call reads Redis and scores anew, `--minutes`
 * adds a long run whose memory is watched.
 */
import { fork } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';
import { StepError, step } from '../../scripts/lib/run.mjs';
import { freePort } from '../../scripts/lib/servers.mjs';
import { fillDatabase } from '../lib/database.mjs';
import { readOptions } from '../lib/options.mjs';
import { machine, print } from '../lib/report.mjs';
import { startApi, startStores, startWorker } from '../lib/service.mjs';
import { trainAndActivate } from '../lib/training.mjs';
import { runBenchmark, stops } from '../lib/workspace.mjs';
import { measureNewLists, measureServers } from './measure.mjs';

const options = readOptions({
  data: { type: 'string' },
  model: { type: 'string', default: 'ease' },
  param: { type: 'string', multiple: true, default: [] },
  seconds: { type: 'string', default: '3' },
  held: { type: 'string' },
  minutes: { type: 'string', default: '0' },
  json: { type: 'boolean', default: false },
});
const seconds = Number(options.seconds);
const minutes = Number(options.minutes);
const ROUNDS = 3;
const K = 20;
const COLD_USERS = 64;
const CLICKS_A_BATCH = 100;
const random = randomNumbers(3);
const CATALOG = '/v1/catalogs/default';

await runBenchmark(main);

async function main() {
  const env = {
    ...(await startStores()),
    ...(options.held !== undefined && { USER_CACHE_ENTRIES: options.held }),
  };
  const { users, items } = await store(env.DATABASE_URL);
  startWorker(env);
  const ours = { name: 'sparserec', ...(await startApi(env)) };
  const { port } = ours;
  const cold = await startCold(env);
  const medians = {};
  const ratios = {};
  for (const model of options.model.split(',')) {
    await step(`Training ${model}`, () => train(port, model));
    const peers = await startPeers(ours, env.REDIS_URL, users);
    const result = await step(`Measuring ${model}`, () =>
      measureServers({ ours, peers }, users.map(pathOf), { seconds, minutes, rounds: ROUNDS }),
    );
    const [constant] = peers;
    const newLists = await step(`Measuring new lists of ${model}`, () =>
      measureNewLists(
        { ours, cold, constant, click: () => click(port, users, items) },
        users.map(pathOf),
        ROUNDS,
      ),
    );
    for (const found of [result, newLists]) {
      for (const [name, value] of Object.entries(found.medians)) medians[`${model} ${name}`] = value;
      for (const [name, value] of Object.entries(found.ratios)) ratios[`${model} ${name}`] = value;
    }
    for (const peer of peers) await peer.stop();
  }
  print(
    {
      name: 'serving',
      machine: machine(),
      versions: { node: process.versions.node },
      setup: {
        users: users.length,
        items: items.length,
        k: K,
        models: options.model,
        held: options.held ?? 'default',
      },
      rounds: ROUNDS,
      medians,
      ratios,
    },
    options.json,
  );
}

async function store(url) {
  const seen = { users: [], items: new Set() };
  const rows = options.data === undefined ? madeUp() : fromFile(join(options.data, 'train.txt'));
  const tally = async function* () {
    for await (const [userId, itemIds] of rows) {
      if (itemIds.length > 0) seen.users.push(userId);
      for (const itemId of itemIds) {
        seen.items.add(itemId);
        yield [userId, itemId];
      }
    }
  };
  await step('Storing interactions', () => fillDatabase(url, tally()));
  return { users: seen.users, items: [...seen.items] };
}

async function* fromFile(path) {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [user, ...items] = line.trim().split(/\s+/);
    if (user) yield [`user-${user}`, [...new Set(items)].map((item) => `item-${item}`)];
  }
}

/** 4,000 people with 20 of 2,000 items each; popular ones are more likely. */
async function* madeUp() {
  const random = randomNumbers();
  for (let user = 0; user < 4_000; user++) {
    const items = Array.from({ length: 20 }, () => `item-${Math.floor(random() ** 2 * 2_000)}`);
    yield [`user-${user}`, [...new Set(items)]];
  }
}

async function train(port, model) {
  const parameters = Object.fromEntries(
    options.param
      .map((text) => text.split('='))
      .map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
  );
  await trainAndActivate(`http://127.0.0.1:${port}${CATALOG}`, model, parameters);
}

/** An API that caches so few users that every call finds its user in Redis alone. */
async function startCold(env) {
  const PORT = String(await freePort());
  const api = await startApi({ ...env, PORT, USER_CACHE_ENTRIES: String(COLD_USERS) });
  return { name: 'cold', ...api };
}

/** Stores an interaction of every user, in batches after which the histories are cached at once. */
async function click(port, users, items) {
  const headers = { 'content-type': 'application/json' };
  for (let from = 0; from < users.length; from += CLICKS_A_BATCH) {
    const interactions = users
      .slice(from, from + CLICKS_A_BATCH)
      .map((userId) => ({ userId, itemId: items[Math.floor(random() * items.length)] }));
    const body = JSON.stringify({ interactions });
    const url = `http://127.0.0.1:${port}${CATALOG}/interactions`;
    const reply = await fetch(url, { method: 'POST', headers, body });
    if (!reply.ok) throw new StepError(`The clicks were refused: ${await reply.text()}`);
  }
}

/** Both peers, with an answer of ours as the constant and as everybody's ready list. */
async function startPeers(ours, redisUrl, users) {
  const answer = await (await fetch(`http://127.0.0.1:${ours.port}${pathOf(users[0])}`)).text();
  const redis = new Redis(redisUrl);
  for (const user of users) await redis.set(`bench:list:${user}`, answer);
  redis.disconnect();
  return Promise.all(
    ['constant', 'cached'].map((name) => startPeer(name, { PEER_ANSWER: answer, REDIS_URL: redisUrl })),
  );
}

async function startPeer(name, env) {
  const child = fork(join(import.meta.dirname, 'peer.mjs'), [name], { env: { ...process.env, ...env } });
  const ended = new Promise((done) => child.once('exit', done));
  const { port } = await new Promise((done) => child.once('message', done));
  const stop = async () => {
    if (child.connected) child.disconnect();
    await ended;
  };
  stops.push(stop);
  return { name, port, pid: child.pid, stop };
}

function pathOf(userId) {
  return `${CATALOG}/users/${encodeURIComponent(userId)}/recommendations?k=${K}`;
}
