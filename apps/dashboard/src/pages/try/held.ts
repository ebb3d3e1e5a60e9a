import type { Change } from '../../app/use-route.js';
import { readAsk, type ListAsk } from './list-ask.js';

const HELD = 'held';
/** Of a second list, not of the request for the first one. */
const BESIDE = [HELD, 'vs'];

/** A request as it stands in an address, without what is beside it. */
function requestOf(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => !BESIDE.includes(name)));
}

/** The request that is held beside the one that the form changes. */
export function heldIn(query: URLSearchParams): ListAsk | null {
  const held = query.get(HELD);
  return held === null ? null : readAsk(new URLSearchParams(held));
}

/** Holds the request as it is now; the form goes on with a copy. */
export function holding(query: URLSearchParams): Change {
  return { [HELD]: requestOf(query).toString(), vs: null };
}

export const LETTING_GO: Change = { [HELD]: null };

/** Makes the held request that of the form, and the other way round. */
export function swapped(query: URLSearchParams): Change {
  const [now, held] = [requestOf(query), new URLSearchParams(query.get(HELD) ?? '')];
  const nothing = [...now.keys()].map((name) => [name, null] as const);
  const fields = [...held.keys()].map((name) => [name, held.getAll(name)] as const);
  return { ...Object.fromEntries([...nothing, ...fields]), [HELD]: now.toString() };
}

const NAMES: Readonly<Record<keyof ListAsk, string>> = {
  kind: 'user or basket',
  user: 'user',
  items: 'basket',
  k: 'length',
  diversity: 'diversity',
  rotation: 'rotation',
  filter: 'filter',
  boost: 'boost',
  exclude: 'items that are never answered',
  without: 'items as if never had',
  pins: 'pins',
  model: 'model',
};

/** What two requests differ in, in words. */
export function differenceOf(one: ListAsk, other: ListAsk): string {
  const fields = Object.keys(NAMES) as (keyof ListAsk)[];
  const names = fields
    .filter((field) => JSON.stringify(one[field]) !== JSON.stringify(other[field]))
    .map((field) => NAMES[field]);
  return names.length === 0 ? 'It asks for the same' : `It differs in: ${names.join(', ')}`;
}
