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

/** It asks nobody for a password, and reads a checkout of another user, as in a container. */
const git = (...args: string[]) =>
  spawnSync('git', ['-c', `safe.directory=${ROOT}`, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });

/** Why its commit is not in this clone and cannot be fetched, as a shallow clone allows; null where it is. */
function whyMissing({ commit }: Release): string | null {
  if (git('cat-file', '-e', `${commit}^{tree}`).status === 0) return null;
  const { status, stderr, error } = git('fetch', '--depth=1', 'origin', commit);
  return status === 0 ? null : (error?.message ?? stderr.trim());
}

/**
 * `describe` where the previous release can be built, else a skipped one whose title says why.
 *
 * @throws where it has to be: .ci/run sets CI
 */
export function describeWithPreviousRelease(title: string, body: () => void): void {
  const missing = whyMissing(PREVIOUS_RELEASE);
  if (missing === null) {
    describe(title, body);
    return;
  }
  const reason = `this clone has no commit ${PREVIOUS_RELEASE.commit}, and its origin gives none (${missing}): git fetch --unshallow`;
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
