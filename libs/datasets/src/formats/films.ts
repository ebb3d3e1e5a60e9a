import type { Mapping } from '../columns/mapping.js';
import { normalName } from '../columns/roles.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import { cellOf, type Table } from './table.js';

/**
 * Films as The Movie Database (TMDB) has them, such as `movies_metadata.csv` of Kaggle: their `id` is that of
 * TMDB, and `links.csv` of MovieLens says which film of MovieLens it is.
 */
const FILM_HEADER = ['id', 'title', 'originaltitle', 'originallanguage'];
const MOVIELENS_ID = 'movieid';
const TMDB_ID = 'tmdbid';
const SMALL = /[-_]small(?=\.|$)/i;

export function isFilmHeader(names: readonly string[]): boolean {
  const normal = new Set(names.map(normalName));
  return FILM_HEADER.every((name) => normal.has(name));
}

export function isOfFilms({ names }: Pick<Table, 'names'>): boolean {
  return names !== null && isFilmHeader(names);
}

interface Mapped {
  readonly table: Table;
  readonly mapping: Mapping;
}

/** Which film of TMDB an item is. */
export interface Links {
  readonly table: Table;
  readonly itemAt: number | string;
  readonly filmAt: number | string;
}

/** Why films are not taken for the items. */
export const UNKNOWN_FILMS =
  'its ids are those of TMDB, which the items may not have; if they do, name it by --items with --item-columns id=id; with ids of MovieLens, links.csv must lie beside it';

/** How the ids of films are those of the interactions; null: nothing says that they are. */
export function filmsBy(interactions: Mapped, tables: readonly Table[]): 'same' | Links | null {
  const { label } = interactions.mapping.columns.item!;
  if (normalName(String(label)) === TMDB_ID) return 'same';
  return isOfMovieLens(interactions) ? findLinks(tables) : null;
}

/** Whether items may be named by MovieLens. */
export function isOfMovieLens({ table, mapping }: Mapped): boolean {
  return table.format === 'movielens' || normalName(String(mapping.columns.item!.label)) === MOVIELENS_ID;
}

/** Of several the one that is whole. */
function findLinks(tables: readonly Table[]): Links | null {
  const found = tables.flatMap((table) => asLinks(table) ?? []);
  return found.find(({ table }) => !SMALL.test(table.source.fileName)) ?? found[0] ?? null;
}

function asLinks(table: Table): Links | null {
  const names = table.names?.map(normalName) ?? [];
  const [item, film] = [names.indexOf(MOVIELENS_ID), names.indexOf(TMDB_ID)];
  return item < 0 || film < 0 ? null : { table, itemAt: cellOf(table, item), filmAt: cellOf(table, film) };
}

/** Whether one file is the small part of another that Kaggle adds, such as `ratings_small.csv`. */
export function isSmallPartOf(one: Table, other: Table): boolean {
  const { fileName } = one.source;
  const isNamedSo = SMALL.test(fileName) && fileName.replace(SMALL, '') === other.source.fileName;
  return isNamedSo && one.names?.join(',') === other.names?.join(',');
}

/**
 * What the interactions call films that are said to be their items; null: what their table calls them.
 *
 * @throws DomainError `import-source-invalid` when they may be called otherwise, and nothing says how
 */
export function linksOf(films: Mapped, interactions: Mapped, tables: readonly Table[]): Links | null {
  const isById = normalName(String(films.mapping.columns.item!.label)) === 'id';
  if (!isOfFilms(films.table) || !isById || !isOfMovieLens(interactions)) return null;
  const links = findLinks(tables);
  if (links) return links;
  const { label } = interactions.mapping.columns.item!;
  throw sourceInvalid(
    films.table.source.name,
    `its ids are those of TMDB, and ${label} of ${interactions.table.source.name} may be that of MovieLens; put links.csv, which has both, into the folder that --data names, or say --item-columns id=id if the ids are the same`,
  );
}
