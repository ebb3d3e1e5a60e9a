import type { KeyedHistory } from './cached-history.js';

interface ValidHistory {
  readonly from: number;
  /** When the next item comes back. */
  readonly until: number;
  readonly history: KeyedHistory;
}

/** What was made of a history is right until the next of its items comes back. */
const cache = new WeakMap<KeyedHistory, ValidHistory>();

/**
 * A history as of now: items whose time has come may be answered again. The same where none has.
 *
 * @param now in ms since 1970
 */
export function asOf(history: KeyedHistory, now: number): KeyedHistory {
  if (!history.returning) return history;
  const cached = cache.get(history);
  if (cached && cached.from <= now && now < cached.until) return cached.history;
  const made = make(history, now);
  cache.set(history, made);
  return made.history;
}

function make(history: KeyedHistory, now: number): ValidHistory {
  const { itemKeys, at } = history.returning!;
  const back = new Set(itemKeys.filter((_, place) => at[place]! <= now));
  const until = at.reduce((first, time) => (time > now ? Math.min(first, time) : first), Infinity);
  if (back.size === 0) return { from: -Infinity, until, history };
  const from = at.reduce((last, time) => (time <= now ? Math.max(last, time) : last), -Infinity);
  const alsoSeen = history.alsoSeen?.filter((key) => !back.has(key));
  const repeatable = new Set(history.repeatable);
  return {
    from,
    until,
    history: {
      ...history,
      repeatable: history.itemKeys.filter((key) => back.has(key) || repeatable.has(key)),
      alsoSeen,
    },
  };
}
