/** npm run -s bench -- NAME [options]: compares us with a named peer in the same call. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { KERNEL_FLAGS, ROOT } from './lib/paths.mjs';

const BENCH = join(ROOT, 'bench');
const BAD_INPUT = 2;
const fileOf = (name) => join(BENCH, name, `${name}.bench.mjs`);

await main(async () => {
  const [name = '', ...options] = process.argv.slice(2);
  const names = readdirSync(BENCH).filter((entry) => existsSync(fileOf(entry)));
  const list = `npm run -s bench -- NAME [options]\nnpm run -s bench -- NAME --help\nNames: ${names.join(', ')}; see bench/README.md\n`;
  if (name === '--help') return void process.stdout.write(list);
  if (!names.includes(name)) {
    process.stderr.write(list);
    return BAD_INPUT;
  }
  if (options.includes('--help')) return void process.stdout.write(`${headOf(name)}\n`);
  await install();
  await build();
  const child = spawn(process.execPath, [...KERNEL_FLAGS, fileOf(name), ...options], {
    stdio: 'inherit',
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  return new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
});

/** The comment at the head of a benchmark, without its stars. */
function headOf(name) {
  const [, comment] = /^\/\*\*\n([^]*?)\n \*\/\n/.exec(readFileSync(fileOf(name), 'utf8'));
  return comment.replaceAll(/^ \* ?/gm, '');
}
