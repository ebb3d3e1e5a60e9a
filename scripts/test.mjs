/** npm test: every check there is, on a real PostgreSQL and a real Redis. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isRecorded } from '../libs/sparse/scripts/checksum.mjs';
import { build, buildAndCheckTypes } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { ROOT } from './lib/paths.mjs';
import { outcomeOf, run } from './lib/run.mjs';
import { runSuites, slowestSuites, UNIT_SUITES } from './lib/suites.mjs';

const HELP = `npm test                    all checks: format, lint, types, native kernels, all suites
npm test -- PATTERN …       only the suites whose path matches, with servers where one of them needs any
npm test -- --complete      all checks, the kernels built again; fails where one of them cannot be done
npm run test:unit           the suites that need no server`;

const BIN = join(ROOT, 'node_modules/.bin');
const CRATE = ['--manifest-path', join(ROOT, 'libs/sparse/crate/Cargo.toml')];
/** Optimised without looking beyond each crate: that would take each of eight test programs 10 s more. */
const QUICKLY_BUILT = { CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' };
const totals = { passed: 0, failed: 0, skipped: 0 };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' }, unit: { type: 'boolean' }, complete: { type: 'boolean' } },
});

await main(async () => {
  if (options.help) return void process.stdout.write(`${HELP}\n`);
  const patterns = options.unit ? [UNIT_SUITES] : positionals;
  await install();
  const others = patterns.length === 0 ? await checkWhatSuitesNeed() : [await build()];
  const [report] = await Promise.all([runSuites(patterns), ...others]);
  countTests(report);
  process.stdout.write(`Slowest suites:\n${slowestSuites(report).join('\n')}\n`);
  const skipped = totals.skipped > 0 ? `(${totals.skipped} skipped)\n` : '';
  process.stdout.write(`${skipped}${totals.passed} passed, ${totals.failed} failed\n`);
  return totals.failed === 0 ? 0 : 1;
});

function countTests(report) {
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  totals.skipped += report.numPendingTests;
}

/**
 * Two chains at once: the compilers of both languages leave a core idle for long.
 *
 * @returns the checks that go on beside the suites, on what these leave of the processors while they wait
 */
async function checkWhatSuitesNeed() {
  const native = testNativeKernels();
  const compared = native.then(compareKernelBuilds);
  await Promise.all([checkTypes(), native]);
  return [compared, checkText()];
}

async function checkTypes() {
  await check('types', buildAndCheckTypes);
  // What runs may be right where the types of a test are not.
  await build();
}

async function checkText() {
  const format = ['--check', '--log-level', 'warn', '.'];
  await check('format', () => run(join(BIN, 'prettier'), format, { isLast: true }));
  await check('lint', () => run(join(BIN, 'eslint'), ['--max-warnings', '0', '.'], { isLast: true }));
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

/** In a complete run nothing that is needed may be missing. */
function skip(name, reason, isNeeded = true) {
  if (options.complete && isNeeded) return note(name, false, reason);
  totals.skipped++;
  process.stdout.write(`skip   ${name}: ${reason}\n`);
}

async function testNativeKernels() {
  if (!(await isThere('cargo')))
    return skip('native kernels', 'there is no Rust here; the committed WebAssembly builds are tested');
  const fetched = await outcomeOf('cargo', ['fetch', '--locked', ...CRATE]);
  if (fetched.status !== 0 && !fetched.stderr.includes('lock file'))
    return skip('native kernels', 'the crates they use cannot be fetched; the committed builds are tested');
  if (!(await isThere('cargo', 'clippy'))) skip('clippy', 'it is not here', false);
  else
    await check('clippy', () =>
      run('cargo', ['clippy', '--release', '--all-targets', ...CRATE, '--', '-D', 'warnings']),
    );
  const { stdout, stderr } = await outcomeOf('cargo', ['test', '--release', ...CRATE], {
    env: { ...process.env, ...QUICKLY_BUILT },
  });
  const results = [...stdout.matchAll(/^test (\S+) \.\.\. (\w+)/gm)];
  for (const [, name, outcome] of results) note(`native ${name}`, outcome === 'ok', stdout);
  if (results.length === 0) note('native kernels', false, stderr);
}

/** They are built again where the record says that they are not of these sources. */
async function compareKernelBuilds() {
  const name = 'the committed WebAssembly is what its sources give';
  if (!options.complete && isRecorded()) return note(name, true);
  const script = join(ROOT, 'libs/sparse/scripts/build-wasm.mjs');
  const { status, stdout, stderr } = await outcomeOf(process.execPath, [script, '--check'], { isLast: true });
  if (status === 2)
    return skip(name, 'the pinned compiler or the crates are not here (npm run build:wasm says more)');
  note(name, status === 0, stdout + stderr);
}

async function isThere(...command) {
  return (await outcomeOf(command[0], [...command.slice(1), '--version'])).status === 0;
}
