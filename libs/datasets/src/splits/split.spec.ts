import fc from 'fast-check';
import type { CsrMatrix } from '#sparse';
import { naiveCore, naiveLast, naivePairs, type Row } from '../testing/naive-splits.js';
import { coreOf } from './core.js';
import { LEFT_OUT, renumber, type Events } from './events.js';
import { pairsOf } from './pairs.js';
import { splitByTime, splitLast } from './split.js';

const [USERS, ITEMS] = [6, 7];

const row = fc.record({
  user: fc.nat(USERS - 1),
  item: fc.nat(ITEMS - 1),
  value: fc.constantFrom(0, 1, 2),
  time: fc.nat(9),
});
const rows = fc.array(row, { maxLength: 60 });

function eventsOf(list: readonly Row[]): Events {
  return {
    numUsers: USERS,
    numItems: ITEMS,
    users: Uint32Array.from(list, ({ user }) => user),
    items: Uint32Array.from(list, ({ item }) => item),
    values: Float32Array.from(list, ({ value }) => value),
    times: Float64Array.from(list, ({ time }) => time),
  };
}

/** Entries by `user,item`. */
function entriesOf(matrix: CsrMatrix): Map<string, number> {
  const entries = new Map<string, number>();
  for (let user = 0; user < matrix.numRows; user++) {
    const { indices, values } = matrix.row(user);
    indices.forEach((item, at) => entries.set(`${user},${item}`, values[at]!));
  }
  return entries;
}

const sorted = (names: Iterable<string>) => [...names].sort();
const byName = (entries: Map<string, number>) =>
  sorted([...entries].map(([name, value]) => `${name}=${value}`));

describe('pairsOf', () => {
  it('gives the pair values that all rows of a pair say together', () => {
    fc.assert(
      fc.property(rows, (list) => {
        expect(byName(entriesOf(pairsOf(eventsOf(list)).matrix))).toEqual(byName(naivePairs(list)));
      }),
    );
  });

  it('takes a row without a time for newer than all that have one', () => {
    const events = eventsOf([
      { user: 0, item: 0, value: 1, time: 5 },
      { user: 0, item: 0, value: 0, time: Infinity },
    ]);
    expect(pairsOf(events).matrix.values).toEqual(Float32Array.of(0));
  });
});

describe('coreOf', () => {
  it('is what is left when whatever has too few is taken out until nothing has', () => {
    const limits = fc.record({ minUser: fc.nat(4), minItem: fc.nat(4) });
    fc.assert(
      fc.property(rows, limits, (list, { minUser, minItem }) => {
        const events = eventsOf(list);
        const core = coreOf(pairsOf(events).matrix, { minUser, minItem });
        const kept = list.filter(({ user, item }) => core.users[user] && core.items[item]);
        expect(kept).toEqual(naiveCore(list, { minUser, minItem }));
      }),
    );
  });

  it('takes out a chain of which each link falls with the one before', () => {
    const chain = Array.from({ length: USERS }, (_, user) =>
      [user, user + 1].map((item) => ({ user, item, value: 1, time: 0 })),
    );
    const { users, items } = coreOf(pairsOf(eventsOf(chain.flat())).matrix, { minUser: 2, minItem: 2 });
    expect([...users, ...items].every((stays) => stays === 0)).toBe(true);
  });
});

describe('splitLast', () => {
  it('holds out the last likes of each user who has more', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 3 }), (list, count) => {
        const { train, test } = splitLast(eventsOf(list), count);
        expect(sorted(entriesOf(test).keys())).toEqual(sorted(naiveLast(list, count)));
        expect(byName(new Map([...entriesOf(train), ...entriesOf(test)]))).toEqual(byName(naivePairs(list)));
        expect(train.nnz + test.nnz).toBe(naivePairs(list).size);
      }),
    );
  });
});

describe('splitByTime', () => {
  const share = fc.constantFrom(0.1, 0.2, 0.5, 0.9);
  const hasEarlier = (list: readonly Row[], part: number) => {
    const times = list.map(({ time }) => time).sort((a, b) => a - b);
    return times.length > 0 && times[Math.floor(times.length * (1 - part))]! > times[0]!;
  };

  it('trains on nothing that is as late as anything of the test', () => {
    fc.assert(
      fc.property(rows, share, (list, part) => {
        fc.pre(hasEarlier(list, part));
        const { train, test, cut, withoutHistory, seenBefore } = splitByTime(eventsOf(list), part);
        const [earlier, later] = [
          list.filter(({ time }) => time < cut),
          list.filter(({ time }) => time >= cut),
        ];
        expect(byName(entriesOf(train))).toEqual(byName(naivePairs(earlier)));
        const likes = [...naivePairs(later)].filter(([, value]) => value > 0).map(([pair]) => pair);
        const unseen = likes.filter((pair) => !naivePairs(earlier).has(pair));
        const hasLikes = (pair: string) =>
          [...naivePairs(earlier)].some(
            ([other, value]) => value > 0 && other.split(',')[0] === pair.split(',')[0],
          );
        expect(sorted(entriesOf(test).keys())).toEqual(sorted(unseen.filter(hasLikes)));
        expect([seenBefore, withoutHistory]).toEqual([
          likes.length - unseen.length,
          unseen.length - test.nnz,
        ]);
      }),
    );
  });

  it('puts at least the share into the test, and no time into both parts', () => {
    fc.assert(
      fc.property(rows, share, (list, part) => {
        fc.pre(hasEarlier(list, part));
        const { cut } = splitByTime(eventsOf(list), part);
        const later = list.filter(({ time }) => time >= cut).length;
        const latest = list.filter(({ time }) => time > cut).length;
        expect(later).toBeGreaterThanOrEqual(list.length * part - 1e-9);
        expect(latest).toBeLessThan(list.length * part + 1e-9);
      }),
    );
  });

  it('refuses interactions of one time, and such without one', () => {
    const same = [0, 1].map((item) => ({ user: 0, item, value: 1, time: 3 }));
    expect(() => splitByTime(eventsOf(same), 0.2)).toThrow('finds no moment that parts the interactions');
    const undated = eventsOf([...same, { user: 0, item: 2, value: 1, time: Infinity }]);
    for (const split of [() => splitByTime(undated, 0.2), () => splitLast(undated, 1)])
      expect(split).toThrow('needs the time of each interaction, and 1 of 3 have none; use --split random');
  });
});

describe('renumber', () => {
  it('gives the events that are left their new numbers', () => {
    const events = eventsOf([0, 1, 2].map((n) => ({ user: n, item: n, value: n, time: n })));
    const users = Uint32Array.of(1, LEFT_OUT, 0, 0, 0, 0);
    const items = Uint32Array.of(0, 0, 2, 0, 0, 0, 0);
    expect(renumber(events, { numUsers: 2, numItems: 3, users, items })).toEqual({
      numUsers: 2,
      numItems: 3,
      users: Uint32Array.of(1, 0),
      items: Uint32Array.of(0, 2),
      values: Float32Array.of(0, 2),
      times: Float64Array.of(0, 2),
    });
  });
});
