/** Interactions in columns, with users and items by their numbers. */
export interface Events {
  readonly numUsers: number;
  readonly numItems: number;
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  /** Weight times the training weight of the type; 0 if the type is negative. */
  readonly values: Float32Array;
  /** Milliseconds since 1970; Infinity without a time, since an import dates it to its own. */
  readonly times: Float64Array;
}

/** New numbers of users and items; `LEFT_OUT` in the place of one is none. */
export interface Renumbering {
  readonly numUsers: number;
  readonly numItems: number;
  readonly users: Uint32Array;
  readonly items: Uint32Array;
}
export const LEFT_OUT = 0xffffffff;

/** Events of which user and item have a number, with these, in the same order. */
export function renumber(events: Events, { numUsers, numItems, users, items }: Renumbering): Events {
  const { length } = events.users;
  const isKept = (event: number) =>
    users[events.users[event]!] !== LEFT_OUT && items[events.items[event]!] !== LEFT_OUT;
  const kept = selection(length, isKept);
  return {
    numUsers,
    numItems,
    users: kept.map((event) => users[events.users[event]!]!),
    items: kept.map((event) => items[events.items[event]!]!),
    values: Float32Array.from(kept, (event) => events.values[event]!),
    times: Float64Array.from(kept, (event) => events.times[event]!),
  };
}

/** The numbers below `length` for which `isKept` holds. */
function selection(length: number, isKept: (index: number) => boolean): Uint32Array {
  const kept = new Uint32Array(length);
  let count = 0;
  for (let index = 0; index < length; index++) if (isKept(index)) kept[count++] = index;
  return kept.slice(0, count);
}

/** Events of the same users and items, one part after the other. */
export function joinEvents(one: Events, other: Events): Events {
  const length = one.users.length + other.users.length;
  const joined = {
    ...one,
    users: new Uint32Array(length),
    items: new Uint32Array(length),
    values: new Float32Array(length),
    times: new Float64Array(length),
  };
  for (const column of ['users', 'items', 'values', 'times'] as const) {
    joined[column].set(one[column]);
    joined[column].set(other[column], one.users.length);
  }
  return joined;
}
