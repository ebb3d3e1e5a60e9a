/** An item that is answered at a place, whatever else holds. */
export interface Pin {
  readonly itemId: string;
  /** From 1. */
  readonly place: number;
}

/** What a list is asked for, as it stands in the address, and as the calls of the API take it. */
export interface ListAsk {
  readonly kind: 'user' | 'basket';
  readonly user: string;
  /** Of the basket. */
  readonly items: readonly string[];
  readonly k: number;
  readonly diversity: number;
  readonly rotation: number;
  /** JSON, as it was typed; empty: none. */
  readonly filter: string;
  readonly boost: string;
  readonly exclude: readonly string[];
  /** Items of the past to make the list without. */
  readonly without: readonly string[];
  readonly pins: readonly Pin[];
  /** Id of the model; empty: the active one. */
  readonly model: string;
}

export const DEFAULT_K = 10;
export const MOST_K = 100;

export function readAsk(query: URLSearchParams): ListAsk {
  const text = (name: string) => query.get(name) ?? '';
  return {
    kind: query.get('for') === 'basket' ? 'basket' : 'user',
    user: text('user'),
    items: query.getAll('item'),
    k: Math.round(numberIn(text('k'), 1, MOST_K)) || DEFAULT_K,
    diversity: numberIn(text('diversity'), 0, 1),
    rotation: numberIn(text('rotation'), 0, 1),
    filter: text('filter'),
    boost: text('boost'),
    exclude: query.getAll('exclude'),
    without: query.getAll('without'),
    pins: query.getAll('pin').flatMap(readPin),
    model: text('model'),
  };
}

/** As `2:item-7` stands in an address. */
function readPin(text: string): Pin[] {
  const [, place, itemId] = /^(\d+):(.+)$/s.exec(text) ?? [];
  return place === undefined || itemId === undefined ? [] : [{ itemId, place: Number(place) }];
}

/** What stands in the address for pins. */
export function pinsInAddress(pins: readonly Pin[]): string[] {
  return pins.map(({ itemId, place }) => `${place}:${itemId}`);
}

/** The pins with an item at a place, which only one item has. */
export function withPin(pins: readonly Pin[], pin: Pin): Pin[] {
  const others = pins.filter(({ itemId, place }) => itemId !== pin.itemId && place !== pin.place);
  return [...others, pin].sort((a, b) => a.place - b.place);
}

/** The first place that no item is pinned to. */
export function freePlace(pins: readonly Pin[]): number {
  const taken = new Set(pins.map(({ place }) => place));
  let place = 1;
  while (taken.has(place)) place++;
  return place;
}

function placesOf(pins: readonly Pin[]): Record<string, number> {
  return Object.fromEntries(pins.map(({ itemId, place }) => [itemId, place]));
}

/** Zero for what is no number. */
function numberIn(text: string, low: number, high: number): number {
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? 0 : Math.min(high, Math.max(low, value));
}

/** Whether there is anybody to make a list for. */
export function isAsked({ kind, user, items }: ListAsk): boolean {
  return kind === 'user' ? user !== '' : items.length > 0;
}

/** Fields that both calls have under one name. */
function commonOf(ask: ListAsk) {
  return {
    k: ask.k,
    ...(ask.diversity > 0 && { diversity: ask.diversity }),
    ...(ask.boost.trim() !== '' && { boost: ask.boost.trim() }),
    ...(ask.exclude.length > 0 && { exclude: [...ask.exclude] }),
    ...(ask.without.length > 0 && { without: [...ask.without] }),
    ...(ask.model !== '' && { model: ask.model }),
  };
}

/** @param explains whether the reasons are asked for, which takes the scope people */
export function queryOf(ask: ListAsk, explains: boolean) {
  return {
    ...commonOf(ask),
    ...(ask.rotation > 0 && { rotation: ask.rotation }),
    ...(ask.pins.length > 0 && { pins: JSON.stringify(placesOf(ask.pins)) }),
    ...(ask.filter.trim() !== '' && { filter: ask.filter.trim() }),
    ...(explains && { explain: 'true' as const }),
    fields: 'title,tags',
  };
}

/** @throws SyntaxError for a filter that is no JSON */
export function bodyOf(ask: ListAsk) {
  return {
    items: ask.items.map((itemId) => ({ itemId })),
    ...commonOf(ask),
    ...(ask.filter.trim() !== '' && { filter: JSON.parse(ask.filter) as Record<string, unknown> }),
    ...(ask.pins.length > 0 && { pins: placesOf(ask.pins) }),
    explain: true,
    fields: ['title' as const, 'tags' as const],
  };
}

/** Why a filter cannot be sent; null where it can. */
export function faultOfFilter(filter: string): string | null {
  if (filter.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(filter);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'must be an object';
  } catch {
    return 'is no JSON';
  }
}
