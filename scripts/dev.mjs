/** npm run dev: the service with private servers, compiled and started again whenever a source changes. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { APP_FLAGS, DIST, PROGRAMS, ROOT, STATE } from './lib/paths.mjs';
import { serverAddresses, wantedServers } from './lib/server-addresses.mjs';
import { startServers } from './lib/servers.mjs';

/** Beside the data of npm start, which it leaves alone. */
const HOME = join(STATE, 'dev');

await main(async () => {
  const interrupted = new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, done);
  });
  await install();
  await build();
  mkdirSync(HOME, { recursive: true });
  const servers = await startServers(HOME, wantedServers());
  const programs = [];
  try {
    const env = { ...process.env, ...serverAddresses(servers) };
    await migrate(env);
    programs.push(watchSources(), watchApp('worker', env), watchApp('api', env));
    await Promise.race([interrupted, servers.ended, ...programs.map(({ ended }) => ended)]);
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await servers.stop();
  }
});

async function migrate(env) {
  const { directDatabaseUrl } = await import('../dist/libs/config/src/index.js');
  const data = await import('../dist/libs/data/src/index.js');
  await data.migrate(directDatabaseUrl(env), join(ROOT, 'prisma/migrations'));
}

function watchSources() {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  return start(
    [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--watch', '--preserveWatchOutput'],
    process.env,
  );
}

/** Module by module: Node starts it again when one that it has loaded changes. */
function watchApp(name, env) {
  return start(['--watch', ...APP_FLAGS[name], join(DIST, PROGRAMS[name])], env);
}

function start(args, env) {
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { ended, stop };
}
