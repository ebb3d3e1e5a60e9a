import { existsSync } from 'node:fs';
import type { Interaction, ItemDetails } from '#domain';
import { chosen, nothing, type Dataset, type DatasetOptions } from './dataset.js';
import { idCell, invalidLine, itemOfRow, readTable, unixTime } from './tables.js';

/** RecBole atomic files: tab-separated, with a header of `name:type` columns. */
export function recboleDataset(
  interactionsPath: string,
  itemsPath: string,
  options: DatasetOptions,
): Dataset {
  return {
    description: `RecBole files ${interactionsPath}`,
    items: () => (existsSync(itemsPath) ? readItems(itemsPath) : nothing()),
    interactions: () => readInteractions(interactionsPath, options),
  };
}

async function* readInteractions(path: string, options: DatasetOptions): AsyncGenerator<Interaction> {
  for await (const { row, column } of readNamed(path, ['user_id', 'item_id'])) {
    const [userId, itemId] = [
      idCell(path, row, column('user_id'), 'user_id'),
      idCell(path, row, column('item_id'), 'item_id'),
    ];
    const time = column('timestamp');
    yield chosen(userId, itemId, time < 0 ? null : unixTime(path, row, time, options));
  }
}

async function* readItems(path: string): AsyncGenerator<ItemDetails> {
  for await (const { row, column } of readNamed(path, ['item_id'])) {
    const find = (...candidates: string[]) =>
      row.cells[candidates.map(column).find((index) => index >= 0) ?? -1];
    yield itemOfRow(path, row, idCell(path, row, column('item_id'), 'item_id'), {
      title: find('movie_title', 'title', 'name'),
      tags: (find('class', 'genre', 'genres', 'categories') ?? '').split(' ').filter((tag) => tag !== ''),
      year: Number(find('release_year', 'year')),
    });
  }
}

async function* readNamed(path: string, required: readonly string[]) {
  let names: string[] | null = null;
  for await (const row of readTable(path, { delimiter: '\t' })) {
    if (names === null) {
      const header = row.cells.map((name) => name.split(':')[0]!);
      const missing = required.find((name) => !header.includes(name));
      if (missing !== undefined) throw invalidLine(path, row.line, `the header has no ${missing} column`);
      names = header;
      continue;
    }
    const known: readonly string[] = names;
    const column = (name: string) => known.indexOf(name);
    yield { row, column };
  }
}
