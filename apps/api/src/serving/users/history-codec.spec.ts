import fc from 'fast-check';
import type { CachedHistory } from '#ranking';
import { decodeHistory, encodeHistory, largestHistoryBytes } from './history-codec.js';

const value = fc.oneof(
  fc.constant(1),
  fc.integer({ min: 1, max: 40 }).map((halves) => halves / 2),
  fc.float({ min: 0, noNaN: true }),
);
const embedding = fc.record({
  modelId: fc.uuid(),
  values: fc.float32Array({ noNaN: true, maxLength: 40 }),
});
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (one === 0 ? 0 : one));
const traits = fc.record({
  tags: fc
    .array(fc.string({ unit: 'binary', maxLength: 32 }), { maxLength: 64 })
    .map((tags) => new Set(tags)),
  numbers: fc
    .array(fc.tuple(fc.string({ unit: 'binary', maxLength: 32 }), number), { maxLength: 20 })
    .map((pairs) => new Map(pairs)),
});
const history: fc.Arbitrary<CachedHistory> = fc
  .record({
    revision: fc.oneof(fc.nat(300), fc.maxSafeNat()),
    keys: fc.uniqueArray(fc.oneof(fc.nat(500), fc.nat()), { maxLength: 300 }),
    values: fc.oneof(fc.constant(null), fc.array(value, { minLength: 300, maxLength: 300 })),
    open: fc.array(fc.boolean(), { minLength: 300, maxLength: 300 }),
    embedding: fc.option(embedding, { nil: undefined }),
    times: fc.float64Array({ minLength: 300, maxLength: 300, noNaN: true }),
    isRefused: fc.boolean(),
    traits: fc.option(traits, { nil: undefined }),
    older: fc.option(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 300 }), { nil: undefined }),
  })
  .map(({ revision, keys, values, open, embedding, older, times, isRefused, traits }) => {
    const itemKeys = Int32Array.from(keys).sort();
    const alsoSeen = older && Int32Array.from(older).sort();
    const repeatable = itemKeys.filter((_, place) => open[place]);
    const back = [...itemKeys.filter((_, place) => !open[place]), ...(alsoSeen ?? [])];
    const returning = Int32Array.from(new Set(back)).sort().slice(0, times.length);
    return {
      revision,
      itemKeys,
      values: Float32Array.from(itemKeys, (_, place) => values?.[place] ?? 1),
      ...(repeatable.length > 0 && revision % 2 === 0 && { repeatable }),
      ...(alsoSeen && { alsoSeen }),
      ...(returning.length > 0 &&
        revision % 3 === 0 && {
          returning: { itemKeys: returning, at: times.slice(0, returning.length) },
        }),
      ...(embedding && { embedding }),
      ...(isRefused && { isRefused: true as const }),
      ...(traits && { traits }),
    };
  });
const RUNS = { seed: 4, numRuns: 400 };

describe('history codec', () => {
  it('gives back every history to the bit, within the stated size', () => {
    fc.assert(
      fc.property(history, (one) => {
        const bytes = encodeHistory(one);
        expect(decodeHistory(bytes)).toEqual(one);
        const most = largestHistoryBytes({
          users: 1,
          items: one.itemKeys.length,
          alsoSeen: one.alsoSeen?.length ?? 0,
          embeddingLength: one.embedding?.values.length ?? 0,
          attributed: one.traits ? 1 : 0,
        });
        expect(bytes.length).toBeLessThanOrEqual(most);
      }),
      RUNS,
    );
  });

  it('refuses bytes of which any one was changed, that end early, or that go on', () => {
    fc.assert(
      fc.property(history, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, place, change) => {
        const bytes = encodeHistory(one);
        const changed = Buffer.from(bytes);
        changed[place % bytes.length]! ^= change;
        expect(decodeHistory(changed)).toBeNull();
        expect(decodeHistory(bytes.subarray(0, place % bytes.length))).toBeNull();
        expect(decodeHistory(Buffer.concat([bytes, Buffer.of(change)]))).toBeNull();
      }),
      RUNS,
    );
  });

  it('takes a byte or two for each older item that was seen, and nothing where there are none', () => {
    const short = { revision: 12, itemKeys: Int32Array.of(1), values: Float32Array.of(1) };
    const alsoSeen = Int32Array.from({ length: 4_000 }, (_, n) => 37 * n);
    expect(encodeHistory(short).length).toBe(6 + 1 + 1 + 1);
    expect(encodeHistory({ ...short, alsoSeen }).length).toBe(6 + 1 + 1 + 1 + 2 + 4_000);
  });

  it('is one or two bytes an item where all values are 1, and refuses an older version', () => {
    const itemKeys = Int32Array.from({ length: 200 }, (_, n) => 37 * n);
    const bytes = encodeHistory({ revision: 12, itemKeys, values: new Float32Array(200).fill(1) });
    expect(bytes.length).toBe(6 + 1 + 2 + 200);
    bytes[0] = 4;
    expect(decodeHistory(bytes)).toBeNull();
  });
});
