import { existsSync } from 'node:fs';
import type { Interaction, ItemDetails } from '#domain';
import { chosen, type Dataset, type DatasetOptions } from './dataset.js';
import { idCell, invalidLine, itemOfRow, readTable, unixTime, type TableRow } from './tables.js';

/**
 * MovieLens: `ratings.csv` with `movies.csv` (a header), or `ratings.dat` with `movies.dat`
 * (`::` between fields, Latin-1).
 */
export function movieLensDataset(ratingsPath: string, moviesPath: string, options: DatasetOptions): Dataset {
  const read = ratingsPath.endsWith('.csv') ? readCsv : readDat;
  return {
    description: `MovieLens files ${ratingsPath}`,
    items: () => readMovies(moviesPath, read),
    interactions: () => readRatings(ratingsPath, read, options),
  };
}

type Reader = (path: string, columns: readonly string[]) => AsyncIterable<TableRow>;

/** A file without a header would lose its first row unseen, so the header is checked. */
async function* readCsv(path: string, columns: readonly string[]): AsyncGenerator<TableRow> {
  let isHeader = true;
  for await (const row of readTable(path, { delimiter: ',', quoted: true })) {
    if (isHeader && columns.some((name, index) => row.cells[index] !== name))
      throw invalidLine(path, row.line, `the header must be ${columns.join(',')}`);
    if (!isHeader) yield row;
    isHeader = false;
  }
}

async function* readDat(path: string): AsyncGenerator<TableRow> {
  yield* readTable(path, { delimiter: '::', encoding: 'latin1' });
}

async function* readRatings(
  path: string,
  read: Reader,
  options: DatasetOptions,
): AsyncGenerator<Interaction> {
  for await (const row of read(path, ['userId', 'movieId', 'rating', 'timestamp'])) {
    const [userId, movieId] = [idCell(path, row, 0, 'userId'), idCell(path, row, 1, 'movieId')];
    yield chosen(userId, movieId, unixTime(path, row, 3, options));
  }
}

async function* readMovies(path: string, read: Reader): AsyncGenerator<ItemDetails> {
  if (!existsSync(path)) return;
  for await (const row of read(path, ['movieId', 'title', 'genres'])) {
    const [, title = '', genres = ''] = row.cells;
    yield itemOfRow(path, row, idCell(path, row, 0, 'movieId'), {
      title,
      tags: genres.split('|').filter((tag) => tag !== '' && !tag.startsWith('(')),
      year: Number(/\((\d{4})\)\s*$/.exec(title)?.[1]),
    });
  }
}
