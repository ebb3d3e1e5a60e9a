import { Command } from 'commander';
import { addDatasetOptions, DATASET_HELP, type DatasetValues } from './dataset-options.js';
import { describeFiles, summaryOf, withUnderstood, type UnderstoodFiles } from './understood-files.js';

interface InspectOptions extends DatasetValues {
  readonly json?: true;
}

const HELP = `${DATASET_HELP}
Examples:
  npm run -s sparserec -- inspect --data ratings.csv
  npm run -s sparserec -- inspect --items products.csv --item-columns id=sku,title=label
`;

export function inspectCommand(): Command {
  return addDatasetOptions(new Command('inspect'))
    .description('say how a data set, items or users are understood, and store nothing')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(runInspect);
}

async function runInspect(options: InspectOptions, command: Command): Promise<void> {
  const { data, items, users } = options;
  if ((data ?? items ?? users) === undefined) command.error('give --data, --items or --users');
  await withUnderstood(options, (files) => printFiles(files, options.json));
}

/** On standard output, for people or as one JSON object. */
export function printFiles(files: UnderstoodFiles, json = false): void {
  process.stdout.write(json ? `${JSON.stringify(summaryOf(files))}\n` : describeFiles(files));
}
