/** npm start: from a fresh clone to a service that answers. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './lib/build.mjs';
import { firstAnswers, serviceAt, someUsers, trainFirstModel } from './lib/first-answers.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { KERNEL_FLAGS, ROOT, STATE } from './lib/paths.mjs';
import { endRunning, run, step, StepError } from './lib/run.mjs';
import { serverAddresses, wantedServers } from './lib/server-addresses.mjs';
import { startServers } from './lib/servers.mjs';
import { startApp, waitUntilReady } from './lib/service.mjs';
import { withStartKey } from './lib/start-key.mjs';

const HELP = `npm start                      start the service, with a built-in catalogue the first time
npm start -- --data DIR        the same with a data set of your own: a table, JSON, Parquet, RecBole, MovieLens or train.txt
npm start -- --data DIR --columns user=visitor,item=product
                               options of "npm run -s sparserec -- import" say how to read it

PORT (3000) and HOST (127.0.0.1) choose the address; SPARSEREC_HOME (.sparserec) is where data is kept.
DATABASE_URL and REDIS_URL use servers of your own instead of private ones; REDIS_URL= does without Redis.
All other variables of .env.example are passed on.`;

const { PORT = '3000' } = process.env;
const HOST = (process.env.HOST ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
const URL_ = `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
const RUN_FILE = join(STATE, 'run.json');
/** One Ctrl-C arrives twice: from the terminal, and from npm, which passes on its own. */
const SAME_PRESS_MS = 500;

await main(start);

async function start() {
  const started = performance.now();
  const options = readOptions();
  if (options.help) return void process.stdout.write(`${HELP}\n`);
  refuseSecondStart();
  await requireFreePort();
  const running = { servers: null, apps: [] };
  const { interrupted, interruptedAgain } = listenForSignals();
  try {
    const ended = await Promise.race([bringUp(options, running, started), interrupted]);
    const failed = ended && (await Promise.race([ended, interrupted]));
    if (failed) throw new StepError(failed);
  } finally {
    process.stderr.write('Stopping … (Ctrl-C again cuts off what is going on)\n');
    endRunning();
    const stopApps = () => Promise.all(running.apps.map((app) => app.stop()));
    void interruptedAgain.then(stopApps);
    await stopApps();
    await running.servers?.stop();
    rmSync(RUN_FILE, { force: true });
  }
  // A step that was interrupted may still wait for something.
  process.exit(0);
}

/** What is not of this command is of the import of --data. */
function readOptions() {
  const { tokens } = parseArgs({
    options: { data: { type: 'string' }, help: { type: 'boolean' } },
    ...{ strict: false, allowPositionals: true, tokens: true },
  });
  const own = tokens.filter(({ name }) => name === 'data' || name === 'help');
  const data = own.find(({ name }) => name === 'data');
  if (data && data.value === undefined) throw new StepError('--data needs a file or folder.');
  const places = own.flatMap(({ index, inlineValue }) =>
    inlineValue === false ? [index, index + 1] : [index],
  );
  const ofImport = process.argv.slice(2).filter((_, place) => !places.includes(place));
  if (ofImport.length > 0 && !data)
    throw new StepError(`npm start has no option ${ofImport[0]} without --data; see npm start -- --help.`);
  if (ofImport.some((option) => /^--(catalog|demo)\b/.test(option)))
    throw new StepError(
      'npm start loads into the catalog "default"; for others use npm run -s sparserec -- import.',
    );
  return { data: data?.value, help: own.some(({ name }) => name === 'help'), ofImport };
}

/** @returns promises of the first signal to stop, and of one that comes after it */
function listenForSignals() {
  let at = Infinity;
  const notices = {};
  const interrupted = new Promise((done) => (notices.first = done));
  const interruptedAgain = new Promise((done) => (notices.second = done));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (performance.now() - at > SAME_PRESS_MS) notices.second();
      at = Math.min(at, performance.now());
      notices.first(null);
    });
  return { interrupted, interruptedAgain };
}

/** What the service would refuse, said before the minutes of a first start. */
async function checkSettings() {
  const { loadEnvironment } = await import('../dist/libs/config/src/index.js');
  await asStep(() => loadEnvironment({ DATABASE_URL: 'postgresql://private', ...process.env, HOST, PORT }));
}

async function asStep(work) {
  const { StartError } = await import('../dist/libs/config/src/index.js');
  try {
    await work();
  } catch (error) {
    throw error instanceof StartError ? new StepError(error.message) : error;
  }
}

/** @returns a promise of the reason for which the service ended by itself */
async function bringUp({ data, ofImport }, running, started) {
  await install();
  await build();
  await checkSettings();
  mkdirSync(STATE, { recursive: true });
  const servers = await startServers(STATE, wantedServers());
  running.servers = servers;
  const env = { ...serverAddresses(servers), HOST, PORT };
  writeFileSync(RUN_FILE, JSON.stringify({ pid: process.pid, url: URL_, databaseUrl: env.DATABASE_URL }), {
    mode: 0o600,
  });
  if (env.REDIS_URL === '')
    process.stderr.write('No Redis here: queues run on PostgreSQL and caches in process memory.\n');
  await prepareData(env, data, ofImport);
  const worker = startApp('worker', env, STATE);
  running.apps.push(worker);
  const api = startApp('api', env, STATE);
  running.apps.push(api);
  await waitUntilReady(api, URL_);
  const answers = await withStartKey({ ...process.env, ...env }, async (key) => {
    const service = serviceAt(URL_, key);
    await trainFirstModel(service);
    return firstAnswers(service, await someUsers(env.DATABASE_URL));
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${answers}\n`);
  process.stdout.write(
    `Dashboard   ${URL_}/\nSwagger UI  ${URL_}/docs\n\nReady in ${seconds} s. Data is kept in ${STATE}. Ctrl-C stops.\n`,
  );
  return Promise.race([
    servers.ended.then(() => 'The database ended.'),
    ...[worker, api].map((app) =>
      app.ended.then((code) => `${app.name} ended (${code}); see ${app.logPath}`),
    ),
  ]);
}

async function prepareData(env, data, ofImport) {
  const { checkDatabase, Database, InteractionsRepository, migrate } =
    await import('../dist/libs/data/src/index.js');
  const { directDatabaseUrl } = await import('../dist/libs/config/src/index.js');
  const onWaiting = (server) => process.stderr.write(`Waiting for ${server} …\n`);
  await asStep(() => checkDatabase(env, { onWaiting }));
  await migrate(directDatabaseUrl(env), join(ROOT, 'prisma/migrations'));
  const database = Database.connect(env.DATABASE_URL);
  const isEmpty = await finishDeletions(database)
    .then(() => new InteractionsRepository(database).isEmpty('default'))
    .finally(() => database.close());
  const sourceFile = join(STATE, 'source');
  if (!isEmpty) return refuseOtherData(sourceFile, data);
  const source = data === undefined ? ['--demo'] : ['--data', data, ...ofImport];
  const cli = join(ROOT, 'dist/programs/cli.js');
  const args = [...KERNEL_FLAGS, cli, 'import', ...source, '--catalog', 'default'];
  await step('Loading the first data', () =>
    run(process.execPath, args, {
      env: { ...process.env, ...env },
      cwd: process.env.INIT_CWD ?? process.cwd(),
      show: true,
    }),
  );
  writeFileSync(sourceFile, data ?? '');
}

/**
 * Data may be loaded under a name that is still being deleted. What Redis has of it expires: nobody finds it
 * but for items that were shown, which may rank lower in lists with a rotation.
 */
async function finishDeletions(database) {
  const { CatalogDeletionsRepository } = await import('../dist/libs/data/src/index.js');
  const deletions = new CatalogDeletionsRepository(database);
  for (const deletion of await deletions.findUnfinished())
    do await deletions.deleteRows(deletion);
    while (!(await deletions.finish(deletion)));
}

function refuseOtherData(sourceFile, data) {
  const source = existsSync(sourceFile) ? readFileSync(sourceFile, 'utf8') : null;
  if (data === undefined || data === source) return;
  throw new StepError(
    `${STATE} already holds ${source === '' ? 'the built-in catalogue' : `data of ${source ?? 'another origin'}`}.\n` +
      `Start without --data to go on with it, remove the folder to start afresh, or keep both: SPARSEREC_HOME=another-folder npm start -- --data ${data}`,
  );
}

function refuseSecondStart() {
  if (!existsSync(RUN_FILE)) return;
  const { pid, url } = JSON.parse(readFileSync(RUN_FILE, 'utf8'));
  if (isAlive(pid))
    throw new StepError(
      `sparserec is already running at ${url} (process ${pid}). Stop it with Ctrl-C there, or choose another PORT and SPARSEREC_HOME.`,
    );
  rmSync(RUN_FILE);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Said before the minutes of a first start, not after them. */
function requireFreePort() {
  if (!/^\d+$/.test(PORT) || Number(PORT) < 1 || Number(PORT) > 65_535)
    throw new StepError('PORT must be a whole number from 1 to 65535.');
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', (error) =>
      fail(
        new StepError(
          error.code === 'EADDRINUSE'
            ? `Port ${PORT} of ${HOST} is in use. Choose another with PORT, or another address with HOST.`
            : `Cannot listen on ${HOST}:${PORT}: ${error.message}`,
        ),
      ),
    );
    probe.listen(Number(PORT), HOST, () => probe.close(done));
  });
}
