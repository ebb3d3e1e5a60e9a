import { Command } from 'commander';
import { StartError } from '#config';
import { DomainError, withoutKeys } from '#domain';
import { backupCommand, restoreCommand } from './backup.command.js';
import { deleteCommand } from './delete.command.js';
import { evaluateCommand } from './evaluate.command.js';
import { exportCommand } from './export.command.js';
import { importCommand } from './import/import.command.js';
import { inspectCommand } from './inspect.command.js';
import { keysCommand } from './keys.command.js';
import { leaderboardCommand } from './leaderboard.command.js';
import { recommendCommand } from './recommend.command.js';
import { trainCommand } from './train.command.js';

const EXIT_BAD_INPUT = 2;
/** As of the service's processes. */
const EXIT_NOT_STARTED = 1;

const program = new Command('sparserec')
  .description('Train, measure and use recommenders for sparse data from a shell.')
  .showHelpAfterError('(add --help for what there is)');
const commands = [
  evaluateCommand(),
  leaderboardCommand(),
  trainCommand(),
  recommendCommand(),
  inspectCommand(),
  importCommand(),
  exportCommand(),
  deleteCommand(),
  keysCommand(),
  backupCommand(),
  restoreCommand(),
];
for (const command of commands) program.addCommand(command.copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${withoutKeys(describe(error))}\n`);
  process.exitCode = error instanceof StartError ? EXIT_NOT_STARTED : EXIT_BAD_INPUT;
}

/** What is wrong with the input, in words; a stack only for what is a bug. */
function describe(error: unknown): string {
  if (error instanceof StartError) return error.message;
  if (error instanceof DomainError) {
    return [
      error.message,
      ...error.errors.map(
        ({ pointer, detail }) => `  ${pointer.replace(/^#\//, '').replaceAll('/', '.')}: ${detail}`,
      ),
    ].join('\n');
  }
  if (error instanceof Error && 'code' in error && 'path' in error)
    return `Cannot read ${String(error.path)}: ${String(error.code)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
