/**
 * npm run -s sparserec -- COMMAND: the command line, built when it has to be; standard output
 * is the command's alone.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { KERNEL_FLAGS, ROOT } from './lib/paths.mjs';

await main(async () => {
  await install();
  await build();
  const cli = join(ROOT, 'dist/programs/cli.js');
  const child = spawn(process.execPath, [...KERNEL_FLAGS, cli, ...process.argv.slice(2)], {
    stdio: 'inherit',
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  return new Promise((done) =>
    child.on('exit', (code, signal) => done(code ?? 128 + constants.signals[signal])),
  );
});
