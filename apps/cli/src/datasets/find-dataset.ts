import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseInteractionRows, type RowFormat, type RowOptions } from '#data';
import { DomainError, type Interaction } from '#domain';
import { readBenchmarkFile } from '#models';
import { chosen, nothing, type Dataset, type DatasetOptions } from './dataset.js';
import { movieLensDataset } from './movielens.js';
import { recboleDataset } from './recbole.js';
import { invalidLine } from './tables.js';

const ROW_FORMATS: Readonly<Record<string, RowFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

/**
 * Recognises a data set by the names of its files: RecBole atomic files, MovieLens, the benchmark format
 * (train.txt), or one CSV, TSV or JSON lines file of interactions.
 *
 * @throws DomainError `validation-failed` that lists what is understood
 */
export function findDataset(path: string, options: DatasetOptions): Dataset {
  if (!existsSync(path)) throw notUnderstood(`${path} does not exist`);
  if (statSync(path).isFile()) return fileDataset(path, options);
  const names = readdirSync(path);
  const atomic = names.find((name) => name.endsWith('.inter'));
  if (atomic)
    return recboleDataset(join(path, atomic), join(path, atomic.replace(/inter$/, 'item')), options);
  const ratings = ['ratings.csv', 'ratings.dat'].find((name) => names.includes(name));
  if (ratings) return movieLensDataset(join(path, ratings), join(path, `movies${extname(ratings)}`), options);
  if (names.includes('train.txt')) return benchmarkDataset(join(path, 'train.txt'));
  const [rows, another] = names.filter((name) => extname(name) in ROW_FORMATS);
  if (rows !== undefined && another === undefined) return fileDataset(join(path, rows), options);
  throw notUnderstood(`${path} holds no data set that is understood`);
}

function fileDataset(path: string, options: DatasetOptions): Dataset {
  const format = ROW_FORMATS[extname(path)];
  if (format) return rowsDataset(path, { ...options, format });
  if (extname(path) === '.txt') return benchmarkDataset(path);
  throw notUnderstood(`${path} is of no kind that is understood`);
}

function rowsDataset(path: string, options: DatasetOptions & { readonly format: RowFormat }): Dataset {
  return {
    description: path,
    items: nothing,
    interactions: () => readRows(path, { ...options, now: new Date() }),
  };
}

/** Rows are the same as those of an import over HTTP, which has no file to name. */
async function* readRows(path: string, options: RowOptions): AsyncGenerator<Interaction> {
  try {
    yield* parseInteractionRows(createReadStream(path), options);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw invalidLine(path, Number(error.extensions['row']), String(error.extensions['reason']));
  }
}

function benchmarkDataset(path: string): Dataset {
  return {
    description: `benchmark file ${path}`,
    isSet: true,
    items: nothing,
    interactions: () => readPairs(path),
  };
}

async function* readPairs(path: string): AsyncGenerator<Interaction> {
  const { users, items } = await readBenchmarkFile(path);
  for (const [entry, user] of users.entries()) {
    yield chosen(String(user), String(items[entry]), null);
  }
}

function notUnderstood(reason: string): DomainError {
  return new DomainError(
    'validation-failed',
    `${reason}. Give a folder with train.txt, *.inter (RecBole) or ratings.csv/ratings.dat (MovieLens), or a .csv, .tsv or .jsonl file with userId,itemId[,type,weight,occurredAt].`,
  );
}
