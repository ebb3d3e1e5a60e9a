import { Command, Option } from 'commander';
import { checkCatalogName, ImportsRepository, type ImportedData, type ImportedSettings } from '#data';
import { toChecked, withRefused, type Dataset } from '#datasets';
import { DomainError, type OnInvalid, type RefusedRows } from '#domain';
import { withDatabase } from '../database-option.js';
import { addDatasetOptions, DATASET_HELP, type DatasetValues } from '../dataset-options.js';
import { demoLibrary } from '../demo/demo-library.js';
import { printFiles } from '../inspect.command.js';
import { checkReadOnce } from '../standard-input.js';
import { describeFiles, withUnderstood, type UnderstoodFiles } from '../understood-files.js';
import { withoutEmptyFiles } from './empty-files.js';
import { ShownImport, type RowsOfPhases } from './import-progress.js';
import { readSettings } from './settings-file.js';

const NO_ROWS: RowsOfPhases = { reading: 0, storing: 0 };
const NO_DATA = { interactionTypes: [], items: inOneChunk([]), interactions: inOneChunk([]) };

interface ImportOptions extends DatasetValues {
  readonly settings?: string;
  readonly demo?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly catalog: string;
  readonly database?: string;
}

const HELP = `${DATASET_HELP}
The summary of what was understood comes first. All is stored or nothing; importing a file twice stores it once. Rows
without a time count as events of their own, but for those of train.txt, which is a set. What --settings does not name
stays as it is.

Examples:
  npm run -s sparserec -- import --data interactions.csv --catalog default --database postgresql://…
  npm run -s sparserec -- import --settings settings.json --items items.jsonl --users users.jsonl --data interactions.csv --catalog copy
`;

export function importCommand(): Command {
  return addDatasetOptions(new Command('import'))
    .description('load a data set into a catalog')
    .option('--demo', 'the built-in media library instead of --data')
    .option('--settings <file>', 'settings of the catalog, as export writes them')
    .option('--dry-run', 'say what would be stored, and store nothing')
    .option('--json', 'with --dry-run: the summary as one JSON object')
    .option('--catalog <id>', 'catalog, made when it does not exist', 'default')
    .addOption(new Option('--database <url>', 'PostgreSQL of the service').env('DATABASE_URL'))
    .addHelpText('after', HELP)
    .action(runImport);
}

async function runImport(options: ImportOptions, command: Command): Promise<void> {
  const { data, demo, items, users, settings, catalog } = options;
  if (demo ? data !== undefined : (data ?? items ?? users ?? settings) === undefined)
    command.error('give --data, --items, --users, --settings or several of them, or --demo');
  checkCatalogName(catalog);
  if (demo) return importDemo(options);
  checkReadOnce(options);
  await importGiven(await withoutEmptyFiles(options));
}

async function importGiven(options: ImportOptions): Promise<void> {
  const { settings: path } = options;
  await withUnderstood(options, async (files) => {
    const settings = path === undefined ? undefined : await readSettings(path);
    if (options.dryRun) return printChecked(files, settings, options);
    process.stderr.write(describeFiles(files));
    await store({ ...dataOf(files), settings }, options, rowsOf(files));
  });
}

/** What would be stored, also where the catalog refuses it. */
async function printChecked(
  files: UnderstoodFiles,
  settings: ImportedSettings | undefined,
  options: ImportOptions,
): Promise<void> {
  let { dataset } = files;
  try {
    const refused = await check(dataset, settings, options);
    dataset &&= { ...dataset, summary: withRefused(dataset.summary, refused) };
  } finally {
    printFiles({ ...files, dataset }, options.json);
  }
}

/** @returns rows that would be left out, none without a database */
async function check(
  dataset: Dataset | null,
  settings: ImportedSettings | undefined,
  { catalog, database: url, skipInvalid }: ImportOptions,
): Promise<RefusedRows> {
  if (url === undefined) return { count: 0, rows: [] };
  const data = dataset ? toChecked(dataset) : NO_DATA;
  return withDatabase(url, (database) =>
    new ImportsRepository(database)
      .check(catalog, { ...data, settings }, { onInvalid: onInvalidOf(skipInvalid) })
      .catch(throwWithRemedy),
  );
}

function onInvalidOf(skipInvalid: boolean | undefined): OnInvalid {
  return skipInvalid ? 'skip' : 'refuse';
}

const NAMED_ROWS = 10;

function throwWithRemedy(error: unknown): never {
  if (!(error instanceof DomainError) || error.code !== 'unknown-items') throw error;
  const { code, message, errors } = error;
  const remedy = 'import the items first or by --items, or leave these rows out by --skip-invalid';
  throw new DomainError(code, `${message}; ${remedy}`, { cause: error, errors: errors.slice(0, NAMED_ROWS) });
}

function dataOf({ dataset, items, users }: UnderstoodFiles): ImportedData {
  const ofUsers = users ? { users: users.users() } : {};
  if (!dataset) return { ...(items && { items: items.items() }), ...ofUsers };
  const { isSet, interactionTypes } = dataset;
  const rows = { items: dataset.items(), interactions: dataset.interactions() };
  return { isSet, interactionTypes, ...rows, ...ofUsers };
}

function rowsOf({ dataset }: UnderstoodFiles): RowsOfPhases {
  if (!dataset) return NO_ROWS;
  const { interactions, repeats } = dataset.summary;
  return { reading: interactions + repeats, storing: interactions };
}

async function importDemo(options: ImportOptions): Promise<void> {
  const library = demoLibrary(new Date());
  process.stderr.write(`Importing the ${library.description}\n`);
  if (options.dryRun) return;
  const data = { items: inOneChunk(library.items), interactions: inOneChunk(library.interactions) };
  const { length } = library.interactions;
  await store(data, options, { reading: length, storing: length });
}

async function* inOneChunk<Entry>(entries: readonly Entry[]): AsyncGenerator<readonly Entry[]> {
  yield entries;
  await Promise.resolve();
}

async function store(data: ImportedData, options: ImportOptions, rows: RowsOfPhases): Promise<void> {
  const { catalog, skipInvalid } = options;
  const onInvalid = onInvalidOf(skipInvalid);
  await withDatabase(options.database, async (database) => {
    const shown = new ShownImport(rows);
    const imports = new ImportsRepository(database);
    const imported = await imports
      .importAll(catalog, data, { createsCatalog: true, onInvalid, onProgress: shown.onProgress })
      .catch(throwWithRemedy)
      .finally(() => shown.stop());
    const { changedUsers: _, items, users, refused, ...batch } = imported;
    const put = { items: items.created + items.updated, ...(data.users && { users }) };
    const leftOut = refused && refused.count > 0 ? { refused } : {};
    process.stdout.write(`${JSON.stringify({ catalog, ...put, ...batch, ...leftOut })}\n`);
  });
}
