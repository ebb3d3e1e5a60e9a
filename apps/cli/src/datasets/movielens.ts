import { existsSync } from 'node:fs';
import type { Interaction, ItemDetails } from '@app/domain';
import { chosen, item, type Dataset } from './dataset.js';
import { cell, readTable, unixTime, type TableOptions } from './tables.js';

/** MovieLens: `ratings.csv` with `movies.csv` (a header), or `ratings.dat` with `movies.dat` (`::` between fields, Latin-1). */
export function movieLensDataset(ratingsPath: string, moviesPath: string): Dataset {
  const isCsv = ratingsPath.endsWith('.csv');
  const options: TableOptions = isCsv
    ? { delimiter: ',', quoted: true }
    : { delimiter: '::', encoding: 'latin1' };
  return {
    description: `MovieLens files ${ratingsPath}`,
    items: () => readMovies(moviesPath, options, isCsv),
    interactions: () => readRatings(ratingsPath, options, isCsv),
  };
}

async function* readRatings(
  path: string,
  options: TableOptions,
  hasHeader: boolean,
): AsyncGenerator<Interaction> {
  for await (const row of readTable(path, options)) {
    if (hasHeader && row.line === 1) continue;
    yield chosen(
      cell(path, row, 0, 'user'),
      cell(path, row, 1, 'movie'),
      unixTime(path, row.line, row.cells[3]),
    );
  }
}

async function* readMovies(
  path: string,
  options: TableOptions,
  hasHeader: boolean,
): AsyncGenerator<ItemDetails> {
  if (!existsSync(path)) return;
  for await (const row of readTable(path, options)) {
    if (hasHeader && row.line === 1) continue;
    const title = cell(path, row, 1, 'title');
    const year = /\((\d{4})\)\s*$/.exec(title)?.[1];
    const tags = (row.cells[2] ?? '').split('|').filter((tag) => tag !== '' && !tag.startsWith('('));
    yield item(cell(path, row, 0, 'movie'), {
      title,
      tags,
      ...(year !== undefined && { metadata: { year: Number(year) } }),
    });
  }
}
