import { InvalidArgumentError, Option, type Command } from 'commander';
import { environmentSchema } from '#config';
import {
  FORMATS,
  namedEncoding,
  openSources,
  parseColumnNames,
  parseColumns,
  parseDelimiter,
  parseItemColumns,
  parseTimeFormat,
  parseTypeWeights,
  parseUserColumns,
  type DatasetOptions,
  type ExplicitOption,
  type Format,
  type GivenColumns,
  type Sources,
  type SpoolProgress,
} from '#datasets';
import { DomainError } from '#domain';

/** What a command is told about the data set that it reads. */
export interface DatasetValues {
  readonly data?: string;
  readonly items?: string;
  readonly users?: string;
  readonly itemColumns?: GivenColumns;
  readonly userColumns?: GivenColumns;
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

/** Adds a data set with items and users, and the options that say how it is to be read. */
export function addDatasetOptions(command: Command): Command {
  command
    .option('--data <path>', 'file or folder; - is standard input')
    .option('--items <file>', 'titles, tags and metadata of items')
    .option('--users <file>', 'tags and metadata of users, and what they allow');
  addReadingOptions(command);
  return command
    .addOption(
      new Option('--item-columns <role=column,…>', 'of --items: id=sku,title=name,tags=genres').argParser(
        refusing(parseItemColumns),
      ),
    )
    .addOption(
      new Option('--user-columns <role=column,…>', 'of --users: id=member,tags=groups').argParser(
        refusing(parseUserColumns),
      ),
    );
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
  const { data: _data, items: _items, users: _users, userColumns: _columns, ...told } = values;
  return { ...told, typeWeights: typeWeight, clockToleranceSeconds: clockTolerance };
}

/** What the explicit command has to say where the clock is not taken as ever. */
export function toldOfClock({ clockTolerance }: DatasetValues): readonly ExplicitOption[] {
  const isUsual = clockTolerance === parseTolerance(process.env['CLOCK_TOLERANCE_SECONDS']);
  return isUsual ? [] : [['clockTolerance', String(clockTolerance)]];
}

const PATIENCE_SECONDS = 2;

function reportSpooling({ bytes, waitingSeconds }: SpoolProgress): void {
  const waits = waitingSeconds < PATIENCE_SECONDS ? '' : `, nothing for ${waitingSeconds} s`;
  process.stderr.write(`${(bytes / 1e6).toFixed(1)} MB read${waits}\n`);
}
