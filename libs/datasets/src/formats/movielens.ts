import type { GivenColumns } from '../columns/columns-option.js';
import { normalName, type Role } from '../columns/roles.js';

/** Files of MovieLens without a header, by what they hold. */
const RATINGS: GivenColumns = new Map<Role, string>([
  ['user', '1'],
  ['item', '2'],
  ['rating', '3'],
  ['time', '4'],
]);
const MOVIES: GivenColumns = new Map<Role, string>([
  ['item', '1'],
  ['title', '2'],
  ['tags', '3'],
]);
const MOVIES_100K: GivenColumns = new Map<Role, string>([
  ['item', '1'],
  ['title', '2'],
]);

/** `users.dat` and `u.user`: a user and what is known of them. */
const USERS: GivenColumns = new Map<Role, string>([['user', '1']]);
const USERS_100K: GivenColumns = new Map<Role, string>([['user', '1']]);
const SEX = /^[MF]$/;

const HALF_100K = /^u([1-5ab])\.(?:base|test)$/i;
const isRatings100K = (fileName: string) => fileName.toLowerCase() === 'u.data' || HALF_100K.test(fileName);
const NUMBER = /^\d+(\.\d+)?$/;

/** Which split of MovieLens 100K a file is a half of; each split has all ratings. */
export function splitOf100K(fileName: string): string | null {
  return HALF_100K.exec(fileName)?.[1] ?? null;
}

/** Genres of `u.item`, each a column of 0 and 1 from the sixth on. */
const GENRES_100K = [
  'unknown',
  'Action',
  'Adventure',
  'Animation',
  "Children's",
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
];
const FIRST_GENRE = 5;
/** Places of the genres, from 1. */
export const GENRE_COLUMNS = `${FIRST_GENRE + 1}-${FIRST_GENRE + GENRES_100K.length}`;

/** The columns of a MovieLens file without a header; null when it is none. */
export function knownColumns(
  fileName: string,
  delimiter: string,
  head: readonly (readonly string[])[],
): GivenColumns | null {
  const hasCells = (count: number) => head.every((cells) => cells.length === count);
  const areNumbers = (...places: number[]) =>
    head.every((cells) => places.every((place) => NUMBER.test(cells[place] ?? '')));
  if (delimiter === '::' && hasCells(4) && areNumbers(0, 1, 2, 3)) return RATINGS;
  if (delimiter === '::' && hasCells(3) && areNumbers(0) && !areNumbers(0, 1)) return MOVIES;
  const areSexes = (place: number) => head.every((cells) => SEX.test(cells[place] ?? ''));
  if (delimiter === '::' && hasCells(5) && areNumbers(0, 2, 3) && areSexes(1)) return USERS;
  if (delimiter === '|' && hasCells(5) && areNumbers(0, 1) && areSexes(2)) return USERS_100K;
  if (delimiter === '\t' && isRatings100K(fileName) && hasCells(4) && areNumbers(0, 1, 2, 3)) return RATINGS;
  if (delimiter === '|' && fileName.toLowerCase() === 'u.item' && areNumbers(0)) return MOVIES_100K;
  return null;
}

/** What the columns after the user are called, of files of users without a header. */
export function namesOfUserColumns(known: GivenColumns): readonly string[] {
  if (known === USERS) return ['gender', 'age', 'occupation', 'zipCode'];
  return known === USERS_100K ? ['age', 'gender', 'occupation', 'zipCode'] : [];
}

/** True of `u.item`, whose genres are columns. */
export function hasGenreColumns(known: GivenColumns): boolean {
  return known === MOVIES_100K;
}

/** True of a place from 0 that has a genre of `u.item`. */
export function isGenreColumn(known: GivenColumns, index: number): boolean {
  return hasGenreColumns(known) && index >= FIRST_GENRE;
}

export function readGenreColumns(cells: Readonly<Record<number, unknown>>): string[] {
  return GENRES_100K.filter((_, index) => cells[FIRST_GENRE + index] === '1');
}

const RATINGS_HEADER = 'userid,movieid,rating,timestamp';
const MOVIES_HEADER = 'movieid,title,genres';
/** Files with users and films that hold no ratings. */
const OTHER_HEADERS = ['userid,movieid,tag,timestamp'];

function normalHeader(names: readonly string[]): string {
  return names.map(normalName).join(',');
}

export function isMovieLensHeader(names: readonly string[]): boolean {
  return [RATINGS_HEADER, MOVIES_HEADER, ...OTHER_HEADERS].includes(normalHeader(names));
}

/** True of `tags.csv`: what users call films, which is no choice of theirs. */
export function isTagsHeader(names: readonly string[]): boolean {
  return OTHER_HEADERS.includes(normalHeader(names));
}
