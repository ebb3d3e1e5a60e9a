import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inspectCommand } from './inspect.command.js';

const CASES = join(import.meta.dirname, '../../../../shared/data-cases');
const given = existsSync(CASES) ? it : it.skip;

/** What the command prints on standard output, without a process of its own. */
async function inspect(...args: readonly string[]): Promise<string> {
  const written: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    const command = inspectCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    await command.parseAsync(['--json', ...args], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return written.join('');
}

/** The words of a command as a shell has them, without the first two. */
function argumentsOf(command: string): string[] {
  const script = `printf '%s\\0' ${command}`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(2, -1);
}

describe('inspectCommand', () => {
  it.each([
    [['--columns', 'user'], '"user" names no column'],
    [['--time-format', 'QWERTY'], 'is no time format'],
    [['--encoding', 'klingon'], 'is no encoding'],
    [['--scale', '-1'], 'write a number above 0'],
    [['--type-weight', 'view=0'], 'must be a number above 0'],
    [['--type-weight', 'view=1,view=2'], 'view is given twice'],
    [['--type-weight', '=2'], 'write type=weight'],
    [['--min-rating', '3', '--rating-as-weight'], 'cannot be used with'],
    [['--format', 'word'], 'Allowed choices are csv, tsv'],
    [['--clock-tolerance', '-1'], 'write a whole number of seconds'],
  ])('refuses the options %j: %s', async (options, reason) => {
    await expect(inspect('--data', 'x.csv', ...options)).rejects.toThrow(reason);
  });

  given.each([
    ['ml-latest', []],
    ['ml-1m', []],
    ['ml-100k', []],
    ['bookcrossing', []],
    ['lightgcn', []],
    ['hetrec-ml', []],
    ['recbole-label', []],
    ['recbole-parts', []],
    ['recbole-spaces', []],
    ['retailrocket', []],
    ['t/utf16.csv', []],
    ['t/num.jsonl', []],
    ['t/ok.zip', []],
    ['t/ddmm.csv', ['--time-format', 'dd/MM/yyyy']],
    ['t/weights.csv', ['--skip-invalid']],
    ['t/types.csv', ['--type-weight', 'view=1,View=2']],
    ['ml-10m', ['--rating-as-weight']],
    ['ml-10m', ['--min-rating', '2']],
    ['bookcrossing', ['--unrated', 'like', '--all-ratings-positive']],
    ['steam200k.csv', ['--no-header', '--columns', 'user=1,item=2,type=3,weight=4']],
    ['epinions.txt', ['--columns', 'user=1,item=2,rating=3']],
    ['epinions.txt', ['--format', 'train.txt']],
  ])('prints for %s %j a command that says the same (skipped without the data)', async (name, options) => {
    const {
      warnings: _,
      files: _files,
      ...summary
    } = JSON.parse(await inspect('--data', join(CASES, name), ...options));
    expect(JSON.parse(await inspect(...argumentsOf(summary.command)))).toMatchObject(summary);
  });
});
