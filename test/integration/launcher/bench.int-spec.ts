import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const names = readdirSync(join(ROOT, 'bench'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'lib')
  .map(({ name }) => name);

/** What `npm run -s bench -- …` runs. */
function bench(...args: string[]) {
  return spawnSync(process.execPath, [join(ROOT, 'scripts/bench.mjs'), ...args], { encoding: 'utf8' });
}

describe('npm run bench', () => {
  it('lists all benchmarks, and refuses any other', () => {
    const { status, stdout } = bench('--help');
    expect([status, stdout]).toEqual([0, expect.stringContaining(`Names: ${names.join(', ')};`)]);
    for (const args of [[], ['nothing'], ['lib']])
      expect(bench(...args)).toMatchObject({ status: 2, stdout: '', stderr: stdout });
  });

  it.each([
    ['fold-in', 'train'],
    ['new-items', 'data'],
  ])('says in one line that %s needs data', (name, option) => {
    const { status, stdout, stderr } = bench(name);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      new RegExp(`^This benchmark needs a .*: give it with --${option}; see npm .*--help\\n$`),
    );
  });

  it('says in one line that there is no such data', () => {
    const { status, stdout, stderr } = bench('svd', '--data', 'nowhere');
    expect([status, stdout, stderr]).toEqual([1, '', 'There is no nowhere/train.txt.\n']);
  });

  it.each(names)('explains %s with all of its options, and refuses any other in one line', (name) => {
    const refused = bench(name, '--unheard-of');
    const [line, ...rest] = refused.stderr.split('\n');
    expect([refused.status, refused.stdout, rest]).toEqual([2, '', ['']]);
    expect(line).toMatch(/^Unknown option '--unheard-of'\. There are --/);
    const options = line!.match(/(?<=There are ).*(?=;)/)![0].split(', ');

    const { status, stdout, stderr } = bench(name, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`\n  npm run -s bench -- ${name} `);
    expect(stdout).not.toMatch(/^ ?\*/m);
    for (const option of options) expect(stdout).toContain(option);
  });
});
