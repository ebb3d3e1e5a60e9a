import { CsrMatrix } from '#sparse';
import type { Events } from './events.js';

/** What each user's events with each item say together. */
export interface Pairs {
  /** Pair values; one is 0 if the item was seen and not liked. */
  readonly matrix: CsrMatrix;
  /** The earliest event of each of its entries; of equal times the first. */
  readonly firstEvents: Uint32Array;
}

/**
 * Pair values as a catalog has them for types without a half-life: 0 if the newest event is of a negative
 * type or one of a negative type is as new, else the largest value.
 *
 * @param isKept of which events; absent: of all
 */
export function pairsOf(events: Events, isKept: (event: number) => boolean = () => true): Pairs {
  const { numUsers, numItems } = events;
  const order = sortByPair(events, isKept);
  const starts = startsOfPairs(events, order);
  const indptr = new Uint32Array(numUsers + 1);
  const firstEvents = new Uint32Array(starts.length);
  const values = new Float32Array(starts.length);
  for (let pair = 0; pair < starts.length; pair++) {
    const [start, end] = [starts[pair]!, starts[pair + 1] ?? order.length];
    firstEvents[pair] = earliest(events, order, start, end);
    values[pair] = pairValue(events, order, start, end);
    indptr[events.users[order[start]!]! + 1]!++;
  }
  for (let user = 0; user < numUsers; user++) indptr[user + 1]! += indptr[user]!;
  const indices = firstEvents.map((event) => events.items[event]!);
  const matrix = new CsrMatrix({ numRows: numUsers, numCols: numItems, indptr, indices, values });
  return { matrix, firstEvents };
}

/** Events by user, item and place. */
function sortByPair(events: Events, isKept: (event: number) => boolean): Uint32Array {
  const ends = new Uint32Array(events.numUsers + 1);
  let count = 0;
  for (let event = 0; event < events.users.length; event++) {
    if (!isKept(event)) continue;
    ends[events.users[event]! + 1]!++;
    count++;
  }
  for (let user = 0; user < events.numUsers; user++) ends[user + 1]! += ends[user]!;
  const order = new Uint32Array(count);
  const next = ends.slice();
  for (let event = 0; event < events.users.length; event++)
    if (isKept(event)) order[next[events.users[event]!]!++] = event;
  const byItem = (a: number, b: number) => events.items[a]! - events.items[b]! || a - b;
  for (let user = 0; user < events.numUsers; user++) order.subarray(ends[user], ends[user + 1]).sort(byItem);
  return order;
}

function startsOfPairs({ users, items }: Events, order: Uint32Array): Uint32Array {
  return order
    .map((_, at) => at)
    .filter((at) => {
      const [event, before] = [order[at]!, order[at - 1] ?? -1];
      return at === 0 || users[event] !== users[before] || items[event] !== items[before];
    });
}

function pairValue({ values, times }: Events, order: Uint32Array, start: number, end: number): number {
  let [largest, newestLike, newestDislike] = [0, -Infinity, -Infinity];
  for (let at = start; at < end; at++) {
    const [value, time] = [values[order[at]!]!, times[order[at]!]!];
    if (value === 0) newestDislike = Math.max(newestDislike, time);
    else newestLike = Math.max(newestLike, time);
    largest = Math.max(largest, value);
  }
  return newestDislike >= newestLike ? 0 : largest;
}

function earliest({ times }: Events, order: Uint32Array, start: number, end: number): number {
  let first = order[start]!;
  for (let at = start + 1; at < end; at++) if (times[order[at]!]! < times[first]!) first = order[at]!;
  return first;
}
