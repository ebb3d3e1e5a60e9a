import type { Links } from '../formats/films.js';
import { refusedRow } from '../refused-row.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import { InvalidValue } from '../values/invalid-value.js';
import { checkWidth } from './interaction-reader.js';

/** MovieLens has a tenth of it. */
const MAX_LINKS = 2_000_000;

/** What items are called, by the ids that their table has for them. */
export interface OtherIds {
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** Where they come from, in words. */
  readonly note: string;
  /** Why an item is left out that has none. */
  readonly missing: string;
}

/** @throws DomainError when a row cannot be read, or there are too many */
export async function readLinks({ table, itemAt, filmAt }: Links): Promise<OtherIds> {
  const { name, fileName } = table.source;
  const ids = new Map<string, string[]>();
  let links = 0;
  for await (const { rows, lines } of table.read()) {
    for (const [index, row] of rows.entries()) {
      try {
        checkWidth(row, table);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        throw refusedRow({ name, line: lines[index]!, unit: table.unit }, error.message, error);
      }
      const [item, film] = [toText(row[itemAt]), toText(row[filmAt])];
      if (item === '' || film === '') continue;
      const called = ids.get(film);
      if (called) called.push(item);
      else ids.set(film, [item]);
      links++;
    }
    if (links > MAX_LINKS)
      throw sourceInvalid(name, `it has more than ${MAX_LINKS} films; leave those out that nobody rated`);
  }
  return {
    ids,
    note: `items are called movieId of ${fileName}, where their id is tmdbId`,
    missing: `no row of ${fileName} has this id as tmdbId`,
  };
}

/** Empty where there is no id. */
function toText(id: unknown): string {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id).trim() : '';
}
