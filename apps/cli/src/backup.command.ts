import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Command, Option } from 'commander';
import { BackupsRepository } from '#data';
import { DomainError } from '#domain';
import { withDatabase } from './database-option.js';
import { withOutput } from './output-file.js';

interface BackupOptions {
  readonly catalog?: string;
  readonly out?: string;
  readonly database?: string;
}

const BACKUP_HELP = `
The file is a tar archive with all tables as they are at one moment, models included, and the SHA-256 of all. The service
goes on meanwhile. Without --catalog it has the whole service, keys and audit log included; then keep it as safe as the
database. Redis needs no backup.

Examples:
  npm run -s sparserec -- backup --out service.tar
  npm run -s sparserec -- backup --catalog shop | gzip > shop.tar.gz
`;

const RESTORE_HELP = `
All of it is stored or nothing. A backup of a whole service goes into a database without catalogs and keys; one of a
catalog goes beside others, where no catalog has its name. Running processes see it at once, and recommend as before.
Training runs that were not finished begin again.

Examples:
  npm run -s sparserec -- restore service.tar
  zcat shop.tar.gz | npm run -s sparserec -- restore -
`;

export function backupCommand(): Command {
  return new Command('backup')
    .description('write the service or one catalog into a file, models included')
    .option('--catalog <id>', 'this catalog alone')
    .option('--out <file>', 'where it goes; standard output without it')
    .addOption(databaseOption())
    .addHelpText('after', BACKUP_HELP)
    .action(runBackup);
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('store what backup has written')
    .argument('<file>', 'the file, or - for standard input')
    .addOption(databaseOption())
    .addHelpText('after', RESTORE_HELP)
    .action(runRestore);
}

function databaseOption(): Option {
  return new Option('--database <url>', 'PostgreSQL of the service').env('DATABASE_URL');
}

async function runBackup({ catalog, out, database: url }: BackupOptions): Promise<void> {
  await withDatabase(url, (database) =>
    withOutput(out, async (output) => {
      const backups = new BackupsRepository(database);
      const summary = await backups.write(output, { catalogId: catalog, onTable: reportTable('Reading') });
      // Standard output may be the backup.
      process.stderr.write(`${JSON.stringify(summary)}\n`);
    }),
  );
}

async function runRestore(path: string, { database: url }: Pick<BackupOptions, 'database'>): Promise<void> {
  const input = await openInput(path);
  await withDatabase(url, async (database) => {
    const summary = await new BackupsRepository(database).restore(input, { onTable: reportTable('Storing') });
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  });
}

async function openInput(path: string): Promise<Readable> {
  if (path === '-') return process.stdin;
  await access(path).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new DomainError('validation-failed', `Cannot read ${path}: ${code}`, { cause });
  });
  return createReadStream(path);
}

function reportTable(what: string): (table: string) => void {
  return (table) => process.stderr.write(`${what} ${table.replaceAll('_', ' ')} …\n`);
}
