/** npm test: every check there is, on a real PostgreSQL and a real Redis. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, buildAndCheckTypes } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { CACHE, KERNEL_FLAGS, ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { findPgBouncer, findRedisServer, startServers } from './lib/servers.mjs';

const HELP = `npm test                    all checks: format, lint, types, native kernels, all suites
npm test -- PATTERN …       only the suites whose path matches, with the same servers`;

const BIN = join(ROOT, 'node_modules/.bin');
const CRATE = ['--manifest-path', join(ROOT, 'libs/sparse/crate/Cargo.toml')];
const totals = { passed: 0, failed: 0, skipped: 0 };

await main(async () => {
  const patterns = process.argv.slice(2);
  if (patterns.includes('--help')) return void process.stdout.write(`${HELP}\n`);
  await install();
  if (patterns.length === 0) await checkEverythingElse();
  else await build();
  await runSuites(patterns);
  const skipped = totals.skipped > 0 ? `(${totals.skipped} skipped)\n` : '';
  process.stdout.write(`${skipped}${totals.passed} passed, ${totals.failed} failed\n`);
  return totals.failed === 0 ? 0 : 1;
});

async function checkEverythingElse() {
  await check('types', buildAndCheckTypes);
  // What runs may be right where the types of a test are not.
  await build();
  await check('format', () => run(join(BIN, 'prettier'), ['--check', '--log-level', 'warn', '.']));
  await check('lint', () => run(join(BIN, 'eslint'), ['--max-warnings', '0', '.']));
  await testNativeKernels();
  await compareKernelBuilds();
}

function note(name, isRight, output = '') {
  totals[isRight ? 'passed' : 'failed']++;
  process.stdout.write(`${isRight ? 'ok    ' : 'FAILED'} ${name}\n${isRight ? '' : `${output}\n`}`);
}

async function check(name, work) {
  await work().then(
    () => note(name, true),
    (error) => note(name, false, error.message),
  );
}

function skip(name, reason) {
  totals.skipped++;
  process.stdout.write(`skip   ${name}: ${reason}\n`);
}

async function testNativeKernels() {
  if (spawnSync('cargo', ['--version']).status !== 0)
    return skip('native kernels', 'there is no Rust here; the committed WebAssembly builds are tested');
  const fetched = spawnSync('cargo', ['fetch', '--locked', ...CRATE], { encoding: 'utf8' });
  if (fetched.status !== 0 && !fetched.stderr.includes('lock file'))
    return skip('native kernels', 'the crates they use cannot be fetched; the committed builds are tested');
  if (spawnSync('cargo', ['clippy', '--version']).status === 0)
    await check('clippy', () =>
      run('cargo', ['clippy', '--release', '--all-targets', ...CRATE, '--', '-D', 'warnings']),
    );
  const result = spawnSync('cargo', ['test', '--release', ...CRATE], { encoding: 'utf8' });
  const results = [...result.stdout.matchAll(/^test (\S+) \.\.\. (\w+)/gm)];
  for (const [, name, outcome] of results) note(`native ${name}`, outcome === 'ok', result.stdout);
  if (results.length === 0) note('native kernels', false, result.stderr);
}

/** Only where the pinned compiler is: CI installs it. */
async function compareKernelBuilds() {
  const result = spawnSync(process.execPath, [join(ROOT, 'libs/sparse/scripts/build-wasm.mjs'), '--check'], {
    encoding: 'utf8',
  });
  if (result.status === 2)
    return skip(
      'rebuilt WebAssembly',
      'the pinned compiler or the crates are not here (npm run build:wasm says more)',
    );
  note('rebuilt WebAssembly equals the committed one', result.status === 0, result.stdout + result.stderr);
}

async function runSuites(patterns) {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'sparserec-test-'));
  const servers = await startServers(folder, { postgres: true, redis: false });
  try {
    const redis = findRedisServer() ?? '';
    if (redis === '')
      process.stdout.write(
        'There is no redis-server here and none can be installed: suites that need one are skipped.\n',
      );
    const pgBouncer = findPgBouncer() ?? '';
    if (pgBouncer === '')
      process.stdout.write('There is no pgbouncer here: suites that need one are skipped.\n');
    await runJest(
      patterns,
      { TEST_DATABASE_URL: servers.postgresUrl, TEST_REDIS_SERVER: redis, TEST_PGBOUNCER: pgBouncer },
      join(folder, 'jest.json'),
    );
  } finally {
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runJest(patterns, env, reportPath) {
  const args = [
    ...KERNEL_FLAGS,
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${reportPath}`,
    ...patterns,
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise((done) => child.on('exit', done));
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  totals.skipped += report.numPendingTests;
}
