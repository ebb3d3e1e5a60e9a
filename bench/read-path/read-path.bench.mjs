/**
 * The read path: which files of the API run for one list that was not asked for before, of a user that
 * the process has cached, with k = 20. V8 counts the functions that run around exactly one request.
 * Timers run beside it, so only functions count that run in each of several such requests. Further
 * ones tell their order.
 *   npm run -s bench -- read-path [--json]
 */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { step } from '../../scripts/lib/run.mjs';
import { fillDatabase } from '../lib/database.mjs';
import { readOptions } from '../lib/options.mjs';
import { median } from '../lib/report.mjs';
import { startStores, startWorker } from '../lib/service.mjs';
import { trainAndActivate } from '../lib/training.mjs';
import { runBenchmark, stops } from '../lib/workspace.mjs';

const options = readOptions({ json: { type: 'boolean', default: false } });
const API = `${ROOT}/dist/apps/api/src/`;
const [NUM_USERS, NUM_ITEMS] = [200, 300];
/** Enough for all code to be there, and for the histories of all users to be cached. */
const ROUNDS = 10;
/** Requests that are counted, each by itself. */
const NUM_COUNTED = 5;

await runBenchmark(main);

async function main() {
  const url = await step('Starting a service with a trained model', start);
  const listOf = async (user, k) =>
    (await fetch(`${url}/users/user-${user}/recommendations?k=${k}`)).arrayBuffer();
  for (let round = 0; round < ROUNDS; round++)
    for (let user = 2 * NUM_COUNTED; user < NUM_USERS; user++) await listOf(user, 20);
  const session = new Session();
  session.connect();
  /**
   * A list that was not asked for before. The first call reads the user from PostgreSQL, the
   * second one from Redis.
   */
  const preparing = (user) => async () => {
    for (let call = 0; call < 2; call++) await listOf(user, 10);
    return () => listOf(user, 20);
  };
  const functions = await countedInAll(
    session,
    Array.from({ length: NUM_COUNTED }, (_, user) => preparing(user)),
  );
  const orders = [];
  for (let user = NUM_COUNTED; user < 2 * NUM_COUNTED; user++)
    orders.push(await orderIn(session, functions, preparing(user)));
  const placeOf = (file) => median(orders.map((order) => order.indexOf(file)));
  const files = [...new Set(functions.map(({ url: file }) => file))];
  print(files.sort((a, b) => placeOf(a) - placeOf(b)).map(nameOf), functions.length);
}

/** In this process, so that its functions can be counted. */
async function start() {
  const env = { ...(await startStores()), LOG_LEVEL: 'error' };
  await fillDatabase(env.DATABASE_URL, pairs());
  startWorker(env);
  Object.assign(process.env, env);
  const [{ AppModule }, { configureApp, createAdapter }, { loadEnvironment }] = await Promise.all(
    ['apps/api/src/app.module.js', 'apps/api/src/configure-app.js', 'libs/config/src/index.js'].map(
      (path) => import(`${ROOT}/dist/${path}`),
    ),
  );
  const environment = loadEnvironment(process.env);
  const app = await NestFactory.create(AppModule, createAdapter(environment), {
    logger: ['error'],
    bodyParser: false,
  });
  configureApp(app, environment);
  await app.listen(env.PORT, env.HOST);
  // What timers have done until then belongs to no request.
  app.getHttpServer().prependListener('request', () => globalThis.enteredFiles?.splice(0));
  stops.push(() => app.close());
  const url = `http://127.0.0.1:${env.PORT}/v1/catalogs/default`;
  await trainAndActivate(url, 'ease');
  return url;
}

function* pairs() {
  for (let user = 0; user < NUM_USERS; user++)
    for (let n = 0; n < 20; n++) yield [`user-${user}`, `item-${(user * 7 + n * n) % NUM_ITEMS}`];
}

/** @returns the functions of the API that run in each of several requests */
async function countedInAll(session, prepared) {
  let common;
  for (const prepare of prepared) {
    const counted = await countedIn(session, prepare);
    const found = new Set(counted.map(keyOf));
    common = (common ?? counted).filter((one) => found.has(keyOf(one)));
  }
  return common;
}

function keyOf({ scriptId, startOffset, endOffset }) {
  return `${scriptId} ${startOffset} ${endOffset}`;
}

/** @returns the functions of the API that run in one request */
async function countedIn(session, prepare) {
  const request = await prepare();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await request();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  return result
    .filter(({ url }) => url.startsWith(pathToFileURL(API).href))
    .flatMap(({ url, scriptId, functions }) =>
      functions
        .filter(({ functionName, ranges }) => functionName !== '' || ranges[0].startOffset > 0)
        .filter(({ ranges }) => ranges[0].count > 0)
        .map(({ ranges }) => ({ url, scriptId, ...ranges[0] })),
    );
}

/**
 * @returns the files of functions as they are first entered: by breakpoints at their starts whose conditions
 * note it, and never hold
 */
async function orderIn(session, functions, prepare) {
  const request = await prepare();
  const notes = (globalThis.enteredFiles = []);
  await session.post('Debugger.enable');
  const linesOf = new Map();
  for (const { url, scriptId, startOffset, endOffset } of functions) {
    if (!linesOf.has(scriptId)) {
      const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId });
      linesOf.set(scriptId, scriptSource);
    }
    const at = (offset) => positionOf(linesOf.get(scriptId), scriptId, offset);
    const { locations } = await session.post('Debugger.getPossibleBreakpoints', {
      start: at(startOffset),
      end: at(endOffset),
    });
    if (locations.length === 0) continue;
    const condition = `globalThis.enteredFiles.push(${JSON.stringify(url)}), false`;
    const { scriptId: id, lineNumber, columnNumber } = locations[0];
    await session
      .post('Debugger.setBreakpoint', { location: { scriptId: id, lineNumber, columnNumber }, condition })
      // Two functions can begin in one place.
      .catch(() => undefined);
  }
  await request();
  await session.post('Debugger.disable');
  return [...new Set(notes)];
}

function positionOf(source, scriptId, offset) {
  const before = source.slice(0, offset).split('\n');
  return { scriptId, lineNumber: before.length - 1, columnNumber: before.at(-1).length };
}

function nameOf(url) {
  return `apps/api/src/${relative(API, fileURLToPath(url)).replace(/\.js$/, '.ts')}`;
}

function print(files, numFunctions) {
  if (options.json)
    return void process.stdout.write(`${JSON.stringify({ name: 'read-path', numFunctions, files })}\n`);
  process.stdout.write(`${numFunctions} functions of ${files.length} files run for one new list\n`);
  files.forEach((file, place) => process.stdout.write(`${String(place + 1).padStart(4)}  ${file}\n`));
}
