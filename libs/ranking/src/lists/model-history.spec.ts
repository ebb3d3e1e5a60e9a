import fc from 'fast-check';
import { Bitmap } from '../items/bitmap.js';
import { ModelHistory } from '../models/active-model.js';
import type { ModelCalls } from '../models/model-calls.js';
import { historyOf, ToyCatalog, toyServices } from '../testing/toy-catalog.js';
import { byModel } from './candidates.js';
import { RankedList } from './ranked-list.js';

describe('a history in the terms of a model', () => {
  const options = fc.record({
    k: fc.integer({ min: 1, max: 45 }),
    exclude: fc.array(fc.nat(45), { maxLength: 8 }),
    open: fc.option(fc.array(fc.nat(40))),
    minScore: fc.option(fc.float({ min: -1, max: 1, noNaN: true }), { nil: undefined }),
  });

  it('gives the same items as a ranking of all of them, however few are cached', async () => {
    await fc.assert(
      fc.asyncProperty(
        toyServices,
        options,
        fc.integer({ min: 1, max: 45 }),
        async (service, wanted, kept) => {
          const toy = await ToyCatalog.of(service.items);
          await toy.train(service.matrix, service.itemKeys);
          const history = service.history.itemKeys;
          const active = toy.catalog.active!;
          const alsoSeen = service.itemKeys.filter((key) => key % 3 === 0 && !history.includes(key));
          const seen = Int32Array.of(...history, ...alsoSeen).sort();
          const allowed = () => active.served.itemKeys.map((key) => (alsoSeen.includes(key) ? 0 : 1));
          const past = new ModelHistory(historyOf(toy, service), kept, () => Uint8Array.from(allowed()));
          const filter = wanted.open ? new Bitmap() : undefined;
          for (const key of wanted.open ?? []) filter?.set(key, true);
          const list = new RankedList(toy.catalog, { ...wanted, filter }, seen);
          const ranked = await byModel(list, active, past, wanted.k);
          expect(await past.best(active.calls)).not.toBeNull();
          expect(await byModel(list, active, past, wanted.k)).toEqual(ranked);
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });

  it('ranks anew only when it is asked again', async () => {
    let calls = 0;
    const ranked = { indices: Uint32Array.of(3, 1), scores: Float32Array.of(2, 1) };
    const model = { recommend: () => (calls++, ranked) } as unknown as ModelCalls;
    const history = { indices: Uint32Array.of(0), values: Float32Array.of(1) };
    const past = new ModelHistory(history, 2);
    expect(await past.best(model)).toBeNull();
    expect(calls).toBe(0);
    expect(await past.best(model)).toEqual({ ...ranked, isWhole: false });
    expect(await past.best(model)).toBe(past.cachedBest);
    expect(calls).toBe(1);
  });
});
