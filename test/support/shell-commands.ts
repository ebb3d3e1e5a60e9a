import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The commands in the `sh` blocks of a document; a line that begins with a space belongs to the one before.
 */
export function shellCommandsOf(page: string): string[] {
  const blocks = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)];
  return blocks.flatMap(([, block]) => block!.trim().split(/\n(?=\S)/));
}

/** Runs a command about backups by the built command line, with the test's folder in place of `/backup`. */
export function runBackupCommand(
  command: string,
  { folder, env }: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
) {
  const cli = `"${process.execPath}" "${join(ROOT, 'dist/programs/cli.js')}"`;
  const here = command.replace('npm run -s sparserec --', cli).replaceAll('/backup/', `${folder}/`);
  return spawnSync('bash', ['-o', 'pipefail', '-c', here], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}
