/**
 * Lists of all users by a list job, beside the lists that `evaluate` makes of the same model and the same
 * histories in memory, in the same run: lists a second of both, and the peak memory of the worker.
 *   npm run -s bench -- list-job [--users 6000] [--items 3000] [--items-per-user 60] [--model ease]
 *     [--k 20] [--threads N] [--train FILE] [--rounds 3] [--json]
 *
 * `--train` takes a file with one user a line in place of users that like what is near a point of their own.
 * The rate of the job is its users by the time from its begin to its end, loading the model included; that of
 * `evaluate` is of the ranking and the metrics, without reading anything.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
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
  json: { type: 'boolean', default: false },
});
const [k, threads, rounds] = [options.k, options.threads, options.rounds].map(Number);
const LOOK_MS = 100;

await runBenchmark(main);

async function main() {
  const servers = await startServers(folder, { postgres: true, redis: false });
  stops.push(servers.stop);
  const measured = await fillDatabase(servers.postgresUrl, await pairs(), (database) =>
    measure(database, servers.postgresUrl),
  );
  print(
    {
      name: 'list-job',
      machine: machine(),
      versions: { node: process.versions.node },
      setup: { model: options.model, k, threads, train: options.train ?? null, ...measured.shape },
      rounds,
      medians: {
        'lists a second of the job': round(median(measured.jobs)),
        'lists a second of evaluate, in memory': round(median(measured.evaluations)),
        'share of evaluate': round(median(measured.jobs.map((rate, n) => rate / measured.evaluations[n]))),
        'peak RSS of the worker, MiB': Math.round(Math.max(...measured.peaks) / 2 ** 20),
        'artifact, MiB': round(measured.artifactBytes / 2 ** 20),
        'stored bytes a list': round(measured.bytesPerList),
      },
      ratios: {
        evaluate: ratio(
          measured.jobs.map((rate) => 1 / rate),
          measured.evaluations.map((rate) => 1 / rate),
        ),
      },
    },
    options.json,
  );
}

async function measure(database, databaseUrl) {
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
  const worker = startApp(
    'worker',
    { DATABASE_URL: databaseUrl, REDIS_URL: '', TRAINING_THREADS: String(threads), WORKER_NICENESS: '0' },
    folder,
  );
  stops.push(worker.stop);
  const [jobs, evaluations, peaks] = [[], [], []];
  let bytesPerList = 0;
  for (let n = 0; n < rounds; n++) {
    const compute = new ComputeThreads({ threads });
    const ms = await step('Evaluating in memory', () =>
      time(() => evaluateModel(recommender, { train: histories, test }, { ks: [k], seed: 1, compute })),
    );
    compute.close();
    evaluations.push((numUsers / ms) * 1_000);
    const job = await step('Making the lists of all users', () => makeLists(database, model));
    jobs.push((job.usersDone / (job.finishedAt - job.startedAt)) * 1_000);
    peaks.push(job.peakRssBytes);
    bytesPerList = job.sizeBytes / job.usersDone;
  }
  const shape = { users: numUsers, items: histories.numCols, pairs: histories.nnz };
  return { jobs, evaluations, peaks, bytesPerList, shape, artifactBytes: bytes.length };
}

async function makeLists(database, model) {
  const repository = new ListJobsRepository(database);
  const none = { filter: null, requestId: null, traceParent: null };
  let job = await repository.create({ catalogId: 'default', modelId: model.id, k, ...none });
  while (job.finishedAt === null) {
    await delay(LOOK_MS);
    job = await repository.find(job.id);
  }
  if (job.status !== 'succeeded') throw new StepError(`The list job failed: ${JSON.stringify(job.error)}`);
  await repository.delete('default', job.id);
  return job;
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
async function pairs() {
  if (options.train !== undefined) return pairsOfFile(await readTrain(options.train));
  return generated(...[options.users, options.items, options['items-per-user']].map(Number));
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
