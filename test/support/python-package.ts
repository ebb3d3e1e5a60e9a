import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Why a package is not here, or null once it is installed, in a Python of its own.
 *
 * @param wanted name and version, as pip takes them
 * @param folder of that Python
 * @param flags of pip
 * @throws where it has to be here: .ci/run sets CI
 */
export function whyNoPackage(wanted: string, folder: string, flags: readonly string[] = []): string | null {
  const reason = install(wanted, folder, flags);
  if (reason !== null && process.env['CI'] === 'true')
    throw new Error(`${reason}. Without CI=true its suite is skipped.`);
  return reason;
}

function install(wanted: string, folder: string, flags: readonly string[]): string | null {
  const stamp = join(folder, wanted);
  if (existsSync(stamp)) return null;
  if (spawnSync('python3', ['--version']).status !== 0) return 'there is no python3 here';
  if (spawnSync('python3', ['-m', 'venv', folder]).status !== 0) return 'python3 has no venv (python3-venv)';
  const install = ['-m', 'pip', 'install', '--quiet', ...flags, wanted];
  const { status } = spawnSync(join(folder, 'bin/python'), install);
  if (status !== 0) return `pip cannot install ${wanted}`;
  writeFileSync(stamp, '');
  return null;
}
