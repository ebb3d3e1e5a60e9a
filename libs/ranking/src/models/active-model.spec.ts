import fc from 'fast-check';
import type { Model } from '#domain';
import type { Recommender, ServedModel } from '#models';
import { ActiveModel } from './active-model.js';

const known = fc.uniqueArray(fc.nat(60), { maxLength: 40 }).map((keys) => Int32Array.from(keys));
const itemKeys = known.map((keys) => keys.slice().sort());
const histories = itemKeys.chain((keys) =>
  fc
    .array(fc.constantFrom(0, 0.5, 1, 3), { minLength: keys.length, maxLength: keys.length })
    .map((values) => ({ keys, values: Float32Array.from(values) })),
);

describe('an active model', () => {
  it('takes of a history the items that it knows and that have a value, in its order', () => {
    fc.assert(
      fc.property(known, histories, (ofModel, { keys, values }) => {
        const served = { itemKeys: ofModel, recommender: {} as Recommender } as ServedModel;
        const { indices, values: kept } = new ActiveModel({ id: 'm' } as Model, served).toHistory(
          keys,
          values,
        );
        const naive = [...keys]
          .map((key, place) => ({ index: ofModel.indexOf(key), value: values[place] }))
          .filter(({ index, value }) => index >= 0 && value !== 0)
          .sort((a, b) => a.index - b.index);
        expect([...indices]).toEqual(naive.map(({ index }) => index));
        expect([...kept]).toEqual(naive.map(({ value }) => value));
      }),
      { seed: 13, numRuns: 500 },
    );
  });

  it('finds items by their keys, whatever order these have, and places those that it does not know behind', () => {
    fc.assert(
      fc.property(known, fc.nat(70), (ofModel, key) => {
        const served = { itemKeys: ofModel, recommender: {} as Recommender } as ServedModel;
        const active = new ActiveModel({ id: 'm' } as Model, served);
        ofModel.forEach((own, index) => {
          expect([active.indexOf(own), active.keyOf(index), active.placeOf(own)]).toEqual([
            index,
            own,
            index,
          ]);
        });
        if (ofModel.includes(key)) return;
        expect(active.indexOf(key)).toBe(-1);
        expect(active.placeOf(key)).toBe(ofModel.length + key);
      }),
      { seed: 17, numRuns: 200 },
    );
  });
});
