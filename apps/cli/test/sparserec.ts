import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');

/** Runs the built command line. */
export function sparserec(...args: string[]) {
  return sparserecTold('', ...args);
}

/** The same, with what it reads from standard input. */
export function sparserecTold(input: string, ...args: string[]) {
  const cli = join(ROOT, 'dist/programs/cli.js');
  return spawnSync(process.execPath, [...process.execArgv, cli, ...args], {
    encoding: 'utf8',
    input,
  });
}
