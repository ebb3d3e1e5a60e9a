import { Argument, Command, Option } from 'commander';
import {
  EXPORT_FORMATS,
  EXPORTED_TABLES,
  ExportsRepository,
  type ExportedTable,
  type ExportFormat,
} from '#data';
import { withDatabase } from './database-option.js';
import { withOutput } from './output-file.js';

interface ExportOptions {
  readonly catalog: string;
  readonly format: ExportFormat;
  readonly out?: string;
  readonly database?: string;
}

const SETTINGS = 'settings';
const HELP = `
A table is written as it is at one moment, in the order of ids, so equal data gives equal files. import reads the files of
interactions, items and settings, and gives a catalog with the same exports. settings are one JSON object: how unknown
items are treated, the interaction types and the schedules.

Examples:
  npm run -s sparserec -- export interactions --catalog default --format csv --out interactions.csv
  npm run -s sparserec -- export items --format jsonl | gzip > items.jsonl.gz
`;

export function exportCommand(): Command {
  return new Command('export')
    .description('write what is stored in a catalog')
    .addArgument(new Argument('<what>', 'what is written').choices([...EXPORTED_TABLES, SETTINGS]))
    .option('--catalog <id>', 'catalog', 'default')
    .addOption(new Option('--format <name>', 'of tables').choices(EXPORT_FORMATS).default('csv'))
    .option('--out <file>', 'where it goes; standard output without it')
    .addOption(new Option('--database <url>', 'PostgreSQL of the service').env('DATABASE_URL'))
    .addHelpText('after', HELP)
    .action(runExport);
}

async function runExport(what: ExportedTable | typeof SETTINGS, options: ExportOptions): Promise<void> {
  const { catalog, format, out, database: url } = options;
  await withDatabase(url, (database) =>
    withOutput(out, async (output) => {
      const exports = new ExportsRepository(database);
      if (what !== SETTINGS) await exports.write(catalog, what, format, output);
      else output.write(`${JSON.stringify(await exports.loadSettings(catalog))}\n`);
    }),
  );
}
