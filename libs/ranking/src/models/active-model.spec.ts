import fc from 'fast-check';
import type { Model } from '#domain';
import type { Recommender, ServedModel } from '#models';
import { ActiveModel } from './active-model.js';

const itemKeys = fc.uniqueArray(fc.nat(60), { maxLength: 40 }).map((keys) => Int32Array.from(keys).sort());
const histories = itemKeys.chain((keys) =>
  fc
    .array(fc.constantFrom(0, 0.5, 1, 3), { minLength: keys.length, maxLength: keys.length })
    .map((values) => ({ keys, values: Float32Array.from(values) })),
);

describe('an active model', () => {
  it('takes of a history the items that it knows and that have a value, in their order', () => {
    fc.assert(
      fc.property(itemKeys, histories, (known, { keys, values }) => {
        const served = { itemKeys: known, recommender: {} as Recommender } as ServedModel;
        const { indices, values: kept } = new ActiveModel({ id: 'm' } as Model, served).toHistory(
          keys,
          values,
        );
        const naive = [...keys]
          .map((key, place) => ({ index: known.indexOf(key), value: values[place] }))
          .filter(({ index, value }) => index >= 0 && value !== 0);
        expect([...indices]).toEqual(naive.map(({ index }) => index));
        expect([...kept]).toEqual(naive.map(({ value }) => value));
      }),
      { seed: 13, numRuns: 500 },
    );
  });
});
