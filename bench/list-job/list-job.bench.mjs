/**
 * Lists of all users by a list job, beside the lists that `evaluate` makes of the same model and the same
 * histories in memory, in the same run: lists a second of both, the processor time of the job, and the peak
 * memory of the worker, which is another one for each job.
 *   npm run -s bench -- list-job [--users 6000] [--items 3000] [--items-per-user 60] [--model ease]
 *     [--k 20] [--threads N] [--train FILE] [--rounds 3] [--kill] [--json]
 *
 * `--users 10000,100000,1000000` measures each, on a database of its own: the memory of the worker does not
 * grow with them. `--kill` ends the worker by SIGKILL halfway through a last job, and starts another one.
 * `--train` takes a file with one user a line in place of users that like what is near a point of their own.
 * The rate of the job is its users by the time from its begin to its end, loading the model included; that of
 * `evaluate` is of the ranking and the metrics, without reading anything.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import {
  ListJobsRepository,
  ModelsRepository,
  SnapshotReader,
  TrainingRunsRepository,
} from '../../dist/libs/data/src/index.js';
import {
  ComputeThreads,
  CsrMatrix,
  decodeServedModel,
  encodeServedModel,
  evaluateModel,
  fitPopularity,
  modelKind,
} from '../../dist/libs/models/src/index.js';
import { randomNumbers } from '../../scripts/lib/random-numbers.mjs';
import { step, StepError } from '../../scripts/lib/run.mjs';
import { startServers } from '../../scripts/lib/servers.mjs';
import { startApp } from '../../scripts/lib/service.mjs';
import { fillDatabase } from '../lib/database.mjs';
import { readOptions } from '../lib/options.mjs';
import { postgresSeconds, processorSeconds } from '../lib/processor-time.mjs';
import { readTrain } from '../lib/read-train.mjs';
import { machine, median, print, ratio, round, time } from '../lib/report.mjs';
import { folder, runBenchmark, stops } from '../lib/workspace.mjs';

const options = readOptions({
  users: { type: 'string', default: '6000' },
  items: { type: 'string', default: '3000' },
  'items-per-user': { type: 'string', default: '60' },
  model: { type: 'string', default: 'ease' },
  k: { type: 'string', default: '20' },
  threads: { type: 'string', default: String(availableParallelism()) },
  train: { type: 'string' },
  rounds: { type: 'string', default: '3' },
  kill: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
});
const [k, threads, rounds] = [options.k, options.threads, options.rounds].map(Number);
const LOOK_MS = 100;

await runBenchmark(main);

async function main() {
  const servers = await startServers(folder, { postgres: true, redis: false });
  stops.push(servers.stop);
  const counts = options.train === undefined ? options.users.split(',').map(Number) : [undefined];
  const all = [];
  for (const users of counts) {
    const url = await createDatabase(servers.postgresUrl, `users_${users ?? 'of_file'}`);
    all.push(await fillDatabase(url, await pairs(users), (database) => measure(database, url)));
  }
  const named = (name, { shape }) => (all.length === 1 ? name : `${name}, ${shape.users} users`);
  print(
    {
      name: 'list-job',
      machine: machine(),
      versions: { node: process.versions.node },
      setup: {
        ...{ model: options.model, k, threads, train: options.train ?? null },
        shapes: all.map(({ shape }) => shape),
      },
      rounds,
      medians: Object.assign(
        {},
        ...all.map((measured) => {
          const figures = Object.entries(figuresOf(measured));
          return Object.fromEntries(figures.map(([name, figure]) => [named(name, measured), figure]));
        }),
      ),
      ratios: Object.fromEntries(
        all.map((measured) => [
          named('evaluate', measured),
          ratio(
            measured.jobs.map((rate) => 1 / rate),
            measured.evaluations.map((rate) => 1 / rate),
          ),
        ]),
      ),
    },
    options.json,
  );
}

function figuresOf({ jobs, evaluations, workerUs, postgresUs, peaks, resumed, ...measured }) {
  return {
    'lists a second of the job': round(median(jobs)),
    'lists a second of evaluate, in memory': round(median(evaluations)),
    'share of evaluate': round(median(jobs.map((rate, n) => rate / evaluations[n]))),
    'processor time of the worker, µs a list': round(median(workerUs)),
    'processor time of PostgreSQL, µs a list': round(median(postgresUs)),
    'processor time of evaluate, µs a list': round(median(measured.evaluateUs)),
    'peak RSS of the worker, MiB': Math.round(Math.max(...peaks) / 2 ** 20),
    'artifact, MiB': round(measured.artifactBytes / 2 ** 20),
    'stored bytes a list': round(measured.bytesPerList),
    ...(resumed && {
      'lists that were there after the kill': resumed.before,
      'lists in the end': resumed.usersDone,
      attempts: resumed.attempts,
    }),
  };
}

async function createDatabase(serverUrl, name) {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function measure(database, databaseUrl) {
  // As autovacuum does within minutes of an import.
  await database.pool.query('ANALYZE');
  const snapshot = await new SnapshotReader(database).load('default');
  const { model, bytes } = await step('Training', () => publish(database, snapshot));
  const { recommender } = decodeServedModel(bytes);
  const numUsers = snapshot.userKeys.length;
  const histories = matrixOf(snapshot);
  // Each user has one test item: what matters is the time.
  const test = CsrMatrix.fromCoo({
    ...{ numRows: numUsers, numCols: histories.numCols },
    rows: Array.from({ length: numUsers }, (_, user) => user),
    cols: Array.from({ length: numUsers }, (_, user) => user % histories.numCols),
  });
  const measured = { jobs: [], evaluations: [], workerUs: [], postgresUs: [], evaluateUs: [], peaks: [] };
  for (let n = 0; n < rounds; n++) {
    const compute = new ComputeThreads({ threads });
    const before = processorSeconds(process.pid);
    const ms = await step('Evaluating in memory', () =>
      time(() => evaluateModel(recommender, { train: histories, test }, { ks: [k], seed: 1, compute })),
    );
    measured.evaluateUs.push(perList(processorSeconds(process.pid) - before, numUsers));
    compute.close();
    measured.evaluations.push((numUsers / ms) * 1_000);
    const worker = start(databaseUrl);
    const made = await step('Making the lists of all users', () => makeLists(database, model, worker));
    await worker.stop();
    for (const [name, figure] of Object.entries(made.figures)) measured[name].push(figure);
    measured.bytesPerList = made.job.sizeBytes / made.job.usersDone;
  }
  const resumed =
    options.kill && (await step('Making them once more', () => killHalfway(database, databaseUrl, model)));
  const shape = { users: numUsers, items: histories.numCols, pairs: histories.nnz };
  return { ...measured, resumed, shape, artifactBytes: bytes.length };
}

function perList(seconds, lists) {
  return (seconds / lists) * 1e6;
}

function start(databaseUrl) {
  const env = { REDIS_URL: '', TRAINING_THREADS: String(threads), WORKER_NICENESS: '0' };
  const worker = startApp('worker', { DATABASE_URL: databaseUrl, ...env }, folder);
  stops.push(worker.stop);
  return worker;
}

async function makeLists(database, model, worker) {
  const repository = new ListJobsRepository(database);
  const created = await createJob(repository, model);
  await waitFor(repository, created, ({ startedAt }) => startedAt !== null);
  const before = [processorSeconds(worker.pid), await postgresSeconds(database.pool)];
  const job = await waitFor(repository, created, ({ finishedAt }) => finishedAt !== null);
  const after = [processorSeconds(worker.pid), await postgresSeconds(database.pool)];
  await repository.delete('default', job.id);
  const [workerUs, postgresUs] = after.map((seconds, n) => perList(seconds - before[n], job.usersDone));
  const jobs = (job.usersDone / (job.finishedAt - job.startedAt)) * 1_000;
  return { job, figures: { jobs, workerUs, postgresUs, peaks: job.peakRssBytes } };
}

async function killHalfway(database, databaseUrl, model) {
  const repository = new ListJobsRepository(database);
  const doomed = start(databaseUrl);
  const created = await createJob(repository, model);
  await waitFor(repository, created, ({ usersDone, usersTotal }) => usersTotal && usersDone > usersTotal / 2);
  process.kill(doomed.pid, 'SIGKILL');
  await doomed.ended;
  const { usersDone: before } = await repository.find(created.id);
  start(databaseUrl);
  const { usersDone, attempts } = await waitFor(repository, created, ({ finishedAt }) => finishedAt !== null);
  return { before, usersDone, attempts };
}

function createJob(repository, model) {
  const none = { filter: null, requestId: null, traceParent: null };
  return repository.create({ catalogId: 'default', modelId: model.id, k, ...none });
}

async function waitFor(repository, { id }, isMeant) {
  for (;;) {
    const job = await repository.find(id);
    if (job.status === 'failed') throw new StepError(`The list job failed: ${JSON.stringify(job.error)}`);
    if (isMeant(job)) return job;
    await delay(LOOK_MS);
  }
}

function matrixOf({ userKeys, itemKeys, indptr, indices, values }) {
  return new CsrMatrix({ numRows: userKeys.length, numCols: itemKeys.length, indptr, indices, values });
}

async function publish(database, snapshot) {
  const { itemKeys } = snapshot;
  const matrix = matrixOf(snapshot);
  const kind = modelKind(options.model);
  const parameters = kind.parameters.parse({});
  const compute = new ComputeThreads({ threads });
  const { recommender, kernel } = await kind.fit(matrix, parameters, { seed: 1, compute });
  compute.close();
  const popularity = await fitPopularity(matrix, 1);
  const bytes = encodeServedModel({ kind: options.model, itemKeys, recommender, popularity });
  const run = { catalogId: 'default', kind: options.model, parameters: {}, activate: true };
  const runs = new TrainingRunsRepository(database);
  const { id: runId } = await runs.create(run);
  await runs.requestCancel('default', runId);
  const model = await new ModelsRepository(database).publish(
    {
      ...{
        id: runId,
        runId,
        catalogId: 'default',
        kind: options.model,
        parameters,
        metrics: {},
        baseline: {},
        measuredUsers: null,
        breadth: null,
      },
      ...{ snapshotHash: 'bench', codeVersion: 'bench', kernel, numUsers: matrix.numRows },
      ...{ numItems: matrix.numCols, numInteractions: matrix.nnz },
    },
    bytes,
  );
  return { model, bytes };
}

/** Pairs of a user and an item. */
async function pairs(users) {
  if (options.train !== undefined) return pairsOfFile(await readTrain(options.train));
  return generated(users, Number(options.items), Number(options['items-per-user']));
}

function* pairsOfFile(matrix) {
  for (let user = 0; user < matrix.numRows; user++)
    for (const item of matrix.row(user).indices) yield [`user-${user}`, `item-${item}`];
}

function* generated(numUsers, numItems, itemsPerUser) {
  const random = randomNumbers(7);
  for (let user = 0; user < numUsers; user++) {
    const [center, items] = [Math.floor(random() * numItems), new Set()];
    while (items.size < itemsPerUser) {
      const near = Math.floor(numItems * (random() - 0.5) * random() * random());
      items.add((center + near + numItems) % numItems);
    }
    for (const item of items) yield [`user-${user}`, `item-${item}`];
  }
}
