import { Command, InvalidArgumentError, Option } from 'commander';
import { environmentSchema } from '#config';
import { CatalogsRepository, InteractionsRepository, ItemsRepository, type Database } from '#data';
import { LIMITS, type ItemDetails } from '#domain';
import { withDatabase } from './database-option.js';
import { demoDataset } from './datasets/demo.js';
import { findDataset } from './datasets/find-dataset.js';

interface ImportOptions {
  readonly data?: string;
  readonly demo?: true;
  readonly catalog: string;
  readonly database?: string;
  readonly clockTolerance: number;
}

const HELP = `
Understood: train.txt (one user a line: user item item …), RecBole *.inter and *.item, MovieLens ratings and movies, and CSV,
TSV or JSON lines with userId,itemId[,type,weight,occurredAt]. All interactions are stored or none; importing a file twice stores it once.
Rows without a time count as events of their own, but for those of train.txt, which is a set.

Example:
  npm run -s sparserec -- import --data interactions.csv --catalog default --database postgresql://…
`;
const LINE_EVERY_MS = 2_000;

export function importCommand(): Command {
  return new Command('import')
    .description('load a data set into a catalog')
    .option('--data <path>', 'folder or file')
    .option('--demo', 'the built-in media library instead of --data')
    .option('--catalog <id>', 'catalog, made when it does not exist', 'default')
    .addOption(new Option('--database <url>', 'PostgreSQL of the service').env('DATABASE_URL'))
    .addOption(
      new Option('--clock-tolerance <seconds>', 'how far ahead of the clock an interaction may be dated')
        .env('CLOCK_TOLERANCE_SECONDS')
        .default(environmentSchema.shape.CLOCK_TOLERANCE_SECONDS.parse(undefined))
        .argParser(parseTolerance),
    )
    .addHelpText('after', HELP)
    .action(runImport);
}

function parseTolerance(text: string): number {
  const { data, error } = environmentSchema.shape.CLOCK_TOLERANCE_SECONDS.safeParse(text);
  if (!error) return data;
  throw new InvalidArgumentError('write a whole number of seconds, 86400 at most');
}

async function runImport(options: ImportOptions, command: Command): Promise<void> {
  if ((options.data === undefined) === (options.demo === undefined))
    command.error('give either --data or --demo');
  const { clockTolerance: clockToleranceSeconds } = options;
  const dataset =
    options.data === undefined
      ? demoDataset(new Date())
      : findDataset(options.data, { clockToleranceSeconds });
  process.stderr.write(`Importing ${dataset.description}\n`);
  await withDatabase(options.database, async (database) => {
    await new CatalogsRepository(database).create(options.catalog);
    const items = await importItems(database, options.catalog, dataset.items());
    const { changedUsers: _, ...batch } = await new InteractionsRepository(database).importAll(
      options.catalog,
      dataset.interactions(),
      { onProgress: reportRows(), isSet: dataset.isSet ?? false },
    );
    process.stdout.write(`${JSON.stringify({ catalog: options.catalog, items, ...batch })}\n`);
  });
}

async function importItems(
  database: Database,
  catalogId: string,
  items: AsyncIterable<ItemDetails>,
): Promise<number> {
  const repository = new ItemsRepository(database);
  let [batch, count]: [ItemDetails[], number] = [[], 0];
  const flush = async () => {
    if (batch.length > 0) await repository.putMany(catalogId, batch);
    count += batch.length;
    batch = [];
  };
  for await (const item of items) {
    batch.push(item);
    if (batch.length === LIMITS.itemsPerRequest) await flush();
  }
  await flush();
  return count;
}

function reportRows(): (rows: number) => void {
  let last = performance.now();
  return (rows) => {
    if (performance.now() - last < LINE_EVERY_MS) return;
    last = performance.now();
    process.stderr.write(`${rows.toLocaleString('en')} interactions read\n`);
  };
}
