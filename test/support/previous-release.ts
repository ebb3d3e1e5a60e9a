import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

interface Release {
  readonly version: string;
  readonly commit: string;
}

/** The release before this one: its processes have to work on the schema of this one. */
export const PREVIOUS_RELEASE = JSON.parse(
  readFileSync(join(ROOT, 'prisma/previous-release.json'), 'utf8'),
) as Release;

const git = (...args: string[]) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });

/** Whether its commit is in this clone, or can be fetched into it, as a shallow clone allows. */
function isHere({ commit }: Release): boolean {
  const has = () => git('cat-file', '-e', `${commit}^{tree}`).status === 0;
  return has() || (git('fetch', '--depth=1', 'origin', commit).status === 0 && has());
}

/**
 * `describe` where the previous release can be built, else a skipped one whose title says why.
 *
 * @throws where it has to be: .ci/run sets CI
 */
export function describeWithPreviousRelease(title: string, body: () => void): void {
  if (isHere(PREVIOUS_RELEASE)) {
    describe(title, body);
    return;
  }
  const reason = `this clone has no commit ${PREVIOUS_RELEASE.commit}, and its origin gives none: git fetch --unshallow`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  describe.skip(`${title} (skipped: ${reason})`, body);
}

/** Builds it once a clone. @returns its folder, with `dist` and `prisma/migrations` in it */
export function buildPreviousRelease(): string {
  const folder = join(ROOT, '.cache/releases', PREVIOUS_RELEASE.commit);
  const script = join(ROOT, 'test/support/build-release.mjs');
  if (!existsSync(folder)) execFileSync(process.execPath, [script, PREVIOUS_RELEASE.commit, folder]);
  return folder;
}
