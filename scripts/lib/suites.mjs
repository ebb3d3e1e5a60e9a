import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { CACHE, KERNEL_FLAGS, ROOT } from './paths.mjs';
import { outcomeOf, run, StepError } from './run.mjs';
import { findRedisServer, findTestPrograms, startServers } from './servers.mjs';

const JEST = [...KERNEL_FLAGS, join(ROOT, 'node_modules/jest/bin/jest.js')];
/** Suites that start nothing. */
export const UNIT_SUITES = '(?<!e2e-|int-)spec\\.ts$';
const NUM_SLOWEST = 10;

/**
 * Runs the suites whose path matches, with private servers where one of them needs
 * any. @returns jest's report
 */
export async function runSuites(patterns) {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'sparserec-test-'));
  const reportPath = join(folder, 'jest.json');
  try {
    if (await needServers(patterns))
      await withServers(folder, (env) => runJest(patterns, { ...process.env, ...env }, reportPath));
    else await runJest(patterns, process.env, reportPath);
    return JSON.parse(readFileSync(reportPath, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether any of the suites whose path matches starts a process or asks a database. */
export async function needServers(patterns) {
  if (patterns.length === 0) return true;
  const paths = await run(process.execPath, [...JEST, '--listTests', ...patterns]);
  const unit = new RegExp(UNIT_SUITES);
  return paths.split('\n').some((path) => path.endsWith('spec.ts') && !unit.test(path));
}

async function withServers(folder, work) {
  const servers = await startServers(folder, { postgres: true, redis: false, durable: false });
  try {
    const redis = findRedisServer() ?? '';
    if (redis === '')
      process.stdout.write(
        'There is no redis-server here and none can be installed: suites that need one are skipped.\n',
      );
    const programs = findTestPrograms();
    for (const [variable, path] of Object.entries(programs))
      if (path === '') process.stdout.write(`${variable} is not here: suites that need it are skipped.\n`);
    await work({
      TEST_DATABASE_URL: servers.postgresUrl,
      TEST_REDIS_SERVER: redis,
      ...programs,
    });
  } finally {
    await servers.stop();
  }
}

async function runJest(patterns, env, reportPath) {
  await outcomeOf(process.execPath, [...JEST, '--json', `--outputFile=${reportPath}`, ...patterns], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (!existsSync(reportPath)) throw new StepError('The suites ended without a report.');
}

/** Lines of the suites that took longest, from jest's report. */
export function slowestSuites({ testResults }) {
  const suites = testResults.map(({ name, startTime, endTime }) => ({
    path: relative(ROOT, name),
    seconds: (endTime - startTime) / 1_000,
  }));
  const slowest = suites.sort((a, b) => b.seconds - a.seconds).slice(0, NUM_SLOWEST);
  return slowest.map(({ path, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${path}`);
}
