import fc from 'fast-check';
import type { KeyedHistory } from './cached-history.js';
import { asOf } from './returned-items.js';

/** What is known of one seen item: whether it is among the newest, and when it may be answered again. */
const seenItem = fc.record({
  isRecent: fc.boolean(),
  /** 0: always; Infinity: never. */
  opensAt: fc.constantFrom(0, 1, 2, 3, 4, Infinity, Infinity),
});

function toHistory(items: readonly { readonly isRecent: boolean; readonly opensAt: number }[]): KeyedHistory {
  const keysOf = (isMeant: (item: (typeof items)[number]) => boolean) =>
    Int32Array.from([...items.keys()].filter((key) => isMeant(items[key]!)));
  const itemKeys = keysOf(({ isRecent }) => isRecent);
  const repeatable = keysOf(({ isRecent, opensAt }) => isRecent && opensAt === 0);
  const alsoSeen = keysOf(({ isRecent, opensAt }) => !isRecent && opensAt > 0);
  const returning = keysOf(({ opensAt }) => opensAt > 0 && opensAt < Infinity);
  return {
    itemKeys,
    values: new Float32Array(itemKeys.length).fill(1),
    ...(repeatable.length > 0 && { repeatable }),
    ...(alsoSeen.length > 0 && { alsoSeen }),
    ...(returning.length > 0 && {
      returning: { itemKeys: returning, at: Float64Array.from(returning, (key) => items[key]!.opensAt) },
    }),
  };
}

function seenKeys({ itemKeys, repeatable, alsoSeen = new Int32Array() }: KeyedHistory): number[] {
  return [...itemKeys.filter((key) => !repeatable?.includes(key)), ...alsoSeen].sort((a, b) => a - b);
}

describe('items that come back', () => {
  it('are seen until their time has come, whenever and how often it is asked', () => {
    fc.assert(
      fc.property(
        fc.array(seenItem, { maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }),
        (items, times) => {
          const history = toHistory(items);
          for (const now of times) {
            const seen = [...items.keys()].filter((key) => items[key]!.opensAt > now);
            const valid = asOf(history, now);
            expect(seenKeys(valid)).toEqual(seen);
            expect(valid.itemKeys).toBe(history.itemKeys);
          }
        },
      ),
      { seed: 12, numRuns: 500 },
    );
  });

  it('cost nothing where there are none, or none has come back yet, and little until the next one does', () => {
    const plain = toHistory([{ isRecent: true, opensAt: Infinity }]);
    expect(asOf(plain, 9)).toBe(plain);
    const some = toHistory([1, 3].map((opensAt) => ({ isRecent: true, opensAt })));
    expect(asOf(some, 0)).toBe(some);
    expect(asOf(some, 1)).not.toBe(some);
    expect(asOf(some, 2)).toBe(asOf(some, 1));
    expect(asOf(some, 3)).not.toBe(asOf(some, 2));
  });
});
