import { existsSync } from 'node:fs';
import type { Interaction, ItemDetails } from '@app/domain';
import { chosen, item, nothing, UNDATED, type Dataset } from './dataset.js';
import { cell, invalidLine, readTable, unixTime } from './tables.js';

/** RecBole atomic files: tab-separated, with a header of `name:type` columns. */
export function recboleDataset(interactionsPath: string, itemsPath: string): Dataset {
  return {
    description: `RecBole files ${interactionsPath}`,
    items: () => (existsSync(itemsPath) ? readItems(itemsPath) : nothing()),
    interactions: () => readInteractions(interactionsPath),
  };
}

async function* readInteractions(path: string): AsyncGenerator<Interaction> {
  for await (const { row, column } of readNamed(path)) {
    const [userId, itemId] = [
      cell(path, row, column('user_id'), 'user_id'),
      cell(path, row, column('item_id'), 'item_id'),
    ];
    const time = column('timestamp');
    yield chosen(userId, itemId, time < 0 ? UNDATED : unixTime(path, row.line, row.cells[time]));
  }
}

async function* readItems(path: string): AsyncGenerator<ItemDetails> {
  for await (const { row, column } of readNamed(path)) {
    const find = (...candidates: string[]) =>
      row.cells[candidates.map(column).find((index) => index >= 0) ?? -1];
    const year = Number(find('release_year', 'year'));
    yield item(cell(path, row, column('item_id'), 'item_id'), {
      title: find('movie_title', 'title', 'name') ?? null,
      tags: (find('class', 'genre', 'genres', 'categories') ?? '').split(' ').filter((tag) => tag !== ''),
      ...(Number.isInteger(year) && year > 0 && { metadata: { year } }),
    });
  }
}

async function* readNamed(path: string) {
  let names: string[] | null = null;
  for await (const row of readTable(path, { delimiter: '\t' })) {
    if (names === null) {
      names = row.cells.map((name) => name.split(':')[0]!);
      if (!names.includes('item_id')) throw invalidLine(path, row.line, 'the header has no item_id column');
      continue;
    }
    const known: readonly string[] = names;
    const column = (name: string) => known.indexOf(name);
    yield { row, column };
  }
}
