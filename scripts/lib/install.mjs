import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT } from './paths.mjs';
import { run, step, StepError } from './run.mjs';

const MINIMUM = [20, 19];
const STAMP = join(CACHE, 'installed');

/** Installs the locked packages when they are missing or are not those of the lock file. */
export async function install() {
  requireNode();
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const isThere = existsSync(join(ROOT, 'node_modules/.package-lock.json'));
  if (isThere && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await step('Installing packages', () =>
    run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund']),
  );
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(STAMP, wanted);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  throw new StepError(
    `Node ${MINIMUM.join('.')} or newer is needed; this is ${process.versions.node}. See https://nodejs.org`,
  );
}
