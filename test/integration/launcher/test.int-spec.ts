import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
const UNIT_SUITE = 'libs/domain/src/uuid.spec';

/** What a module of ours gives, in a process of its own. */
function evaluate(code: string, cwd = ROOT): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Processes of such a command line, with their process groups. */
function processesOf(commandLine: RegExp): { pid: number; group: number }[] {
  const lines = execFileSync('ps', ['-ww', '-eo', 'pid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => commandLine.test(line))
    .map((line) => line.trim().split(/ +/).map(Number))
    .map(([pid, group]) => ({ pid: pid!, group: group! }));
}

describe('npm test', () => {
  it('ends with the slowest suites, and then how many tests passed and failed', () => {
    const script = join(ROOT, 'scripts/test.mjs');
    const { stdout } = spawnSync(process.execPath, [script, UNIT_SUITE], { encoding: 'utf8' });
    expect(stdout).toMatch(
      /^Slowest suites:\n +\d+\.\d s {2}libs\/domain\/src\/uuid\.spec\.ts\n\d+ passed, 0 failed\n$/,
    );
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'leaves nothing behind of what it was running when it is told to end, by %s',
    async (signal) => {
      // One program as that of jest or cargo, which starts others.
      const mark = `sleep 3600.${process.pid}`;
      const code = `import { main } from './scripts/lib/main.mjs';
        import { run } from './scripts/lib/run.mjs';
        const start = () => run('bash', ['-c', '${mark} & ${mark}; true']);
        await main(async () => {
          await start().catch((error) => process.stdout.write(error.message));
          await start();
        });`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const closed = once(child, 'close');
      const left = () => processesOf(new RegExp(mark)).filter(({ pid }) => pid !== child.pid);
      await waitFor('the program and what it starts', () => left().length === 3);
      child.kill(signal);
      expect(await closed).toEqual([1, null]);
      await waitFor('the end of all', () => left().length === 0);
    },
  );

  it('ends the suites that run when it is told to end, and says that there is no report', async () => {
    const suite = 'libs/models/src/linear/all-users.spec';
    const child = spawn(process.execPath, [join(ROOT, 'scripts/test.mjs'), suite], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    const closed = once(child, 'close');
    const jest = await waitFor('jest', () => processesOf(new RegExp(`jest.js --json .*${suite}`))[0]);
    child.kill('SIGTERM');
    expect(await closed).toEqual([1, null]);
    expect(said).toContain('The suites ended without a report.');
    expect(processesOf(/./).filter(({ group }) => group === jest.group)).toEqual([]);
  });

  it.each([
    ['no unit suite', [UNIT_SUITE], false],
    ['suites that work on a database', ['test/integration/data'], true],
    ['suites that call the service', ['apps/api/test'], true],
    ['everything', [], true],
  ])('starts servers for %s as it should', (_, patterns, expected) => {
    const code = `import { needServers } from './scripts/lib/suites.mjs';
      console.log(await needServers(${JSON.stringify(patterns)}));`;
    expect(evaluate(code)).toBe(expected);
  });

  it('runs suites that start processes first where it knows no times, and the larger first', () => {
    const sizes = {
      'a.spec.ts': 9,
      'b.e2e-spec.ts': 1,
      'c.int-spec.ts': 2,
      'd.int-spec.ts': 3,
      'e.spec.ts': 10,
    };
    const code = `import LongestFirst from './scripts/lib/longest-first.cjs';
      const sizes = ${JSON.stringify(sizes)};
      const config = { id: 'none', cacheDirectory: '/nowhere' };
      const context = { config, hasteFS: { getSize: (path) => sizes[path] } };
      const sorted = new LongestFirst({}).sort(Object.keys(sizes).map((path) => ({ path, context })));
      console.log(JSON.stringify(sorted.map(({ path }) => path)));`;
    expect(evaluate(code)).toEqual([
      ...['d.int-spec.ts', 'c.int-spec.ts', 'b.e2e-spec.ts'],
      ...['e.spec.ts', 'a.spec.ts'],
    ]);
  });

  it('builds the kernels again only when their sources, their compiler or the builds are not those on record', () => {
    const copy = mkdtempSync(join(tmpdir(), 'kernels-'));
    for (const part of ['crate/Cargo.toml', 'crate/Cargo.lock', 'crate/src', 'scripts', 'wasm'])
      cpSync(join(ROOT, 'libs/sparse', part), join(copy, part), { recursive: true });
    const isRecorded = () =>
      evaluate(
        `import { isRecorded } from './scripts/checksum.mjs'; console.log(JSON.stringify(isRecorded()));`,
        copy,
      );
    expect(isRecorded()).toBe(true);
    const builds = 'export const [RUST_VERSION, BUILDS] = ["1.0.0", {}];';
    for (const [changed, text] of [
      ['crate/src/lib.rs', 'another'],
      ['scripts/builds.mjs', builds],
      ['wasm/simd128.wasm', 'another'],
    ] as const) {
      writeFileSync(join(copy, changed), text);
      expect([changed, isRecorded()]).toEqual([changed, false]);
      cpSync(join(ROOT, 'libs/sparse', changed), join(copy, changed));
      expect(isRecorded()).toBe(true);
    }
    rmSync(copy, { recursive: true });
  });
});
