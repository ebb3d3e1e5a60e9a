import { Command } from 'commander';
import { describeSummary, type DatasetSummary } from '#datasets';
import { addDatasetOptions, DATASET_HELP, withDataset, type DatasetValues } from './dataset-options.js';

interface InspectOptions extends DatasetValues {
  readonly json?: true;
}

const HELP = `${DATASET_HELP}
Example:
  npm run -s sparserec -- inspect --data ratings.csv
`;

export function inspectCommand(): Command {
  return addDatasetOptions(new Command('inspect'))
    .description('say how a data set is understood, and store nothing')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(runInspect);
}

async function runInspect(options: InspectOptions, command: Command): Promise<void> {
  if (options.data === undefined) command.error('give --data');
  await withDataset(options.data, options, ({ summary }) => printSummary(summary, options.json));
}

/** On standard output, for people or as one JSON object. */
export function printSummary(summary: DatasetSummary, json = false): void {
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : describeSummary(summary));
}
