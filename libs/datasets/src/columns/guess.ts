import { isIsoShaped } from '../values/iso-time.js';
import { toNumber } from '../values/numbers.js';

/** Unix times in any unit since 1990 are above this. */
const SMALLEST_TIME = 6e8;
const LARGEST_RATING = 100;
/** A column with so few values, all of them words, says what was done. */
const MAX_TYPES = 5;
/** Neither a rating nor a count, but for example a place on the earth. */
const EXACT_FRACTION = /\.\d\d/;
const WORD = /^[A-Za-z][\w-]{0,30}$/;

type Kind = 'word' | 'text' | 'time' | 'small number' | 'number' | 'fraction' | 'nothing';

/** What the first rows of a table without a header look like, as `user=1,item=2,time=4`. */
export function guessColumns(rows: readonly (readonly string[])[]): string {
  const width = rows[0]?.length ?? 0;
  const kinds = Array.from({ length: width }, (_, index) => kindOf(rows.map((row) => row[index] ?? '')));
  const [user, item] = pickIds(kinds);
  if (user === undefined || item === undefined) return 'user=NUMBER,item=NUMBER';
  const others = kinds.map((kind, index) => (index === user || index === item ? null : kind));
  const parts: [role: string, index: number][] = [
    ['user', user],
    ['item', item],
    ['type', others.indexOf('word')],
    ...strengthOf(others),
    ['time', others.indexOf('time')],
  ];
  return parts
    .filter(([, index]) => index >= 0)
    .map(([role, index]) => `${role}=${index + 1}`)
    .join(',');
}

/** A rating, else a number that counts something, which may be whole if it comes last. */
function strengthOf(kinds: readonly (Kind | null)[]): [role: string, index: number][] {
  const rating = kinds.indexOf('small number');
  if (rating >= 0) return [['rating', rating]];
  const last = kinds.at(-1) === 'number' ? kinds.length - 1 : -1;
  return [['weight', Math.max(kinds.indexOf('fraction'), last)]];
}

function kindOf(values: readonly string[]): Kind {
  const given = values.map((value) => value.trim()).filter((value) => value !== '');
  if (given.length === 0) return 'nothing';
  if (given.every(isIsoShaped)) return 'time';
  const numbers = given.map((value) => toNumber(value));
  if (numbers.some(Number.isNaN) || given.some((value) => /^0\d/.test(value)))
    return given.every((value) => WORD.test(value)) && new Set(given).size <= MAX_TYPES ? 'word' : 'text';
  if (numbers.every((number) => number > SMALLEST_TIME)) return 'time';
  if (numbers.every((number) => number === 0) || numbers.some((number) => number < 0)) return 'nothing';
  if (given.some((value) => EXACT_FRACTION.test(value))) return 'nothing';
  if (numbers.every((number) => number <= LARGEST_RATING)) return 'small number';
  return given.some((value) => value.includes('.')) ? 'fraction' : 'number';
}

/** The first two columns, unless one of them is a time; then the first and the last that can be an id. */
function pickIds(kinds: readonly Kind[]): number[] {
  const [first, second] = kinds;
  if (first !== 'time' && second !== 'time') return [0, 1];
  const ids = kinds.flatMap((kind, index) =>
    kind === 'number' || kind === 'text' || (kind !== 'time' && index === 0) ? [index] : [],
  );
  return ids.length < 2 ? [] : [ids[0]!, ids.at(-1)!];
}
