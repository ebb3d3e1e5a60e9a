/** npm run -s bench -- NAME [options]: compares us with a named peer in the same call. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { KERNEL_FLAGS, ROOT } from './lib/paths.mjs';
import { StepError } from './lib/run.mjs';

const BENCH = join(ROOT, 'bench');
const fileOf = (name) => join(BENCH, name, `${name}.bench.mjs`);

await main(async () => {
  const [name = '', ...options] = process.argv.slice(2);
  const names = readdirSync(BENCH).filter((entry) => existsSync(fileOf(entry)));
  if (!names.includes(name))
    throw new StepError(`npm run -s bench -- NAME [--json]\nNames: ${names.join(', ')}; see bench/README.md`);
  await install();
  await build();
  const child = spawn(process.execPath, [...KERNEL_FLAGS, fileOf(name), ...options], {
    stdio: 'inherit',
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  return new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
});
