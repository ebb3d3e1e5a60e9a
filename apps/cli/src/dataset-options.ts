import { InvalidArgumentError, Option, type Command } from 'commander';
import { environmentSchema } from '#config';
import {
  FORMATS,
  namedEncoding,
  openSources,
  parseColumnNames,
  parseColumns,
  parseDelimiter,
  parseTimeFormat,
  parseTypeWeights,
  understand,
  understandItems,
  understandUsers,
  type Dataset,
  type DatasetOptions,
  type ExplicitOption,
  type Format,
  type GivenColumns,
  type ItemsDataset,
  type Sources,
  type SpoolProgress,
  type UsersDataset,
} from '#datasets';
import { DomainError } from '#domain';
import { Progress } from './progress.js';
import { watchSources } from './watched-sources.js';

/** What a command is told about the data set that it reads. */
export interface DatasetValues {
  readonly data?: string;
  readonly items?: string;
  readonly users?: string;
  readonly format?: Format;
  readonly columns?: GivenColumns;
  readonly ignoreColumns?: readonly string[];
  readonly header?: boolean;
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly timeFormat?: string;
  readonly scale?: number;
  readonly unrated?: 'like';
  readonly minRating?: number;
  readonly ratingAsWeight?: true;
  readonly allRatingsPositive?: true;
  readonly typeWeight?: ReadonlyMap<string, number>;
  readonly skipInvalid?: true;
  readonly clockTolerance: number;
}

export const DATASET_HELP = `
Understood: CSV, TSV and other tables, JSON lines, one JSON array, Parquet, RecBole, MovieLens and train.txt (one user a
line), plain, gzip or zip, by what is in them. docs/data.md has the names of columns that are understood.
`;

/** Adds a data set with items, and the options that say how it is to be read. */
export function addDatasetOptions(command: Command): Command {
  command
    .option('--data <path>', 'file or folder; - is standard input')
    .option('--items <file>', 'titles, tags and metadata of items');
  return addReadingOptions(command);
}

/** Adds the options that say how interactions are to be read. */
export function addReadingOptions(command: Command): Command {
  for (const option of [...formatOptions(), ...ratingOptions(), ...rowOptions()]) command.addOption(option);
  return command;
}

function formatOptions(): Option[] {
  return [
    new Option('--format <name>', 'of the interactions, where their content does not say').choices([
      ...FORMATS,
    ]),
    new Option('--columns <role=column,…>', 'names, or numbers from 1: user=visitorid,item=itemid').argParser(
      refusing(parseColumns),
    ),
    new Option('--ignore-columns <columns>', 'names or numbers, apart by commas').argParser(parseColumnNames),
    new Option('--header', 'the first row has the names of the columns'),
    new Option('--no-header', 'the first row is data'),
    new Option('--delimiter <text>', 'what stands between two cells, such as ";" or "\\t"').argParser(
      parseDelimiter,
    ),
    new Option('--encoding <name>', 'such as utf-8, latin1 or utf-16le').argParser(refusing(namedEncoding)),
    new Option(
      '--time-format <tokens>',
      'such as "dd/MM/yyyy HH:mm", seconds, milliseconds or iso',
    ).argParser(refusing(parseTimeFormat)),
  ];
}

function ratingOptions(): Option[] {
  const rules = ['minRating', 'ratingAsWeight', 'allRatingsPositive'];
  const others = (own: string) => rules.filter((rule) => rule !== own);
  return [
    new Option('--scale <number>', 'the largest rating that there can be').argParser(parsePositive),
    new Option('--unrated <what>', 'take a rating of 0 for a like, and do not leave it out').choices([
      'like',
    ]),
    new Option('--min-rating <number>', 'ratings from here on are likes')
      .argParser(parsePositive)
      .conflicts(others('minRating')),
    new Option('--rating-as-weight', 'ratings are strengths').conflicts(others('ratingAsWeight')),
    new Option('--all-ratings-positive', 'each rating is a like, whatever it says').conflicts(
      others('allRatingsPositive'),
    ),
    new Option('--type-weight <type=weight,…>', 'training weights: view=1,buy=5').argParser(
      refusing(parseTypeWeights),
    ),
  ];
}

function rowOptions(): Option[] {
  return [
    new Option('--skip-invalid', 'leave out rows that cannot be stored, and count them'),
    new Option('--clock-tolerance <seconds>', 'how far ahead of the clock an interaction may be dated')
      .env('CLOCK_TOLERANCE_SECONDS')
      .default(environmentSchema.shape.CLOCK_TOLERANCE_SECONDS.parse(undefined))
      .argParser(parseTolerance),
  ];
}

function refusing<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof DomainError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

function parsePositive(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('write a number above 0');
}

function parseTolerance(text: string | undefined): number {
  const { data, error } = environmentSchema.shape.CLOCK_TOLERANCE_SECONDS.safeParse(text);
  if (!error) return data;
  throw new InvalidArgumentError('write a whole number of seconds, 86400 at most');
}

/**
 * Understands the data set, lends it, and removes temporary files afterwards.
 *
 * @throws DomainError when it is not understood
 */
export async function withDataset<Result>(
  path: string,
  values: DatasetValues,
  work: (dataset: Dataset) => Result | Promise<Result>,
): Promise<Result> {
  const sources = await openGiven(path);
  const items = values.items === undefined ? null : await openGiven(values.items);
  try {
    const [itemSource] = items?.sources ?? [];
    const told = { ...toOptions(values), items: itemSource, toldBesides: toldBesides(values) };
    const dataset = await understandShown(sources, told);
    return await work(dataset);
  } finally {
    await Promise.all([sources.dispose(), items?.dispose()]);
  }
}

/** Understands items of a file of their own, as `withDataset` does a data set. */
export async function withItems<Result>(
  path: string,
  values: DatasetValues,
  work: (items: ItemsDataset) => Promise<Result>,
): Promise<Result> {
  const opened = await openGiven(path);
  try {
    return await work(await understandItems(opened.sources[0]!, toOptions(values)));
  } finally {
    await opened.dispose();
  }
}

/** The same of users; null where no file of them is given. */
export async function withUsers<Result>(
  values: DatasetValues,
  work: (users: UsersDataset | null) => Promise<Result>,
): Promise<Result> {
  if (values.users === undefined) return work(null);
  const opened = await openGiven(values.users);
  try {
    const { ignoreColumns, skipInvalid } = values;
    return await work(await understandUsers(opened.sources[0]!, { ignoreColumns, skipInvalid }));
  } finally {
    await opened.dispose();
  }
}

/** Shows how far each pass is. Later passes over the data set are shown by whoever takes them. */
async function understandShown(sources: Sources, options: DatasetOptions): Promise<Dataset> {
  const progress = new Progress('understanding the data');
  let isUnderstood = false;
  const report = (share: number): void => {
    if (!isUnderstood) progress.report(share);
  };
  try {
    return await understand(watchSources(sources, report), options);
  } finally {
    isUnderstood = true;
    progress.stop();
  }
}

/** Opens a file, a folder or standard input, with the limits of the environment. */
export function openGiven(path: string): Promise<Sources> {
  const spoolLimitMb = environmentSchema.shape.SPOOL_LIMIT_MB.parse(process.env['SPOOL_LIMIT_MB']);
  return openSources(path, { spoolLimitBytes: spoolLimitMb * 2 ** 20, onSpooling: reportSpooling });
}

export function toOptions({
  clockTolerance,
  typeWeight,
  ...values
}: DatasetValues): Omit<DatasetOptions, 'items'> {
  const { data: _data, items: _items, users: _users, ...told } = values;
  return { ...told, typeWeights: typeWeight, clockToleranceSeconds: clockTolerance };
}

/** What the explicit command has to say of other files, and where the clock is not taken as ever. */
function toldBesides({ items, users, clockTolerance }: DatasetValues): readonly ExplicitOption[] {
  const isUsual = clockTolerance === parseTolerance(process.env['CLOCK_TOLERANCE_SECONDS']);
  const files = Object.entries({ items, users }).filter(
    (file): file is [string, string] => file[1] !== undefined,
  );
  return [...files, ...(isUsual ? [] : [['clockTolerance', String(clockTolerance)] as const])];
}

const PATIENCE_SECONDS = 2;

function reportSpooling({ bytes, waitingSeconds }: SpoolProgress): void {
  const waits = waitingSeconds < PATIENCE_SECONDS ? '' : `, nothing for ${waitingSeconds} s`;
  process.stderr.write(`${(bytes / 1e6).toFixed(1)} MB read${waits}\n`);
}
