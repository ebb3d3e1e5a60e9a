import fc from 'fast-check';
import type { DiverseChoice, Recommender } from '#models';
import { NO_HISTORY } from '../histories/keyed-history.js';
import type { ModelCalls } from '../models/model-calls.js';
import { historyOf, ToyCatalog, toyServices, type ToyService } from '../testing/toy-catalog.js';
import { diversify, numCandidates } from './diversity.js';
import { RankingService } from './ranking.service.js';

const RUNS = { numRuns: 150, seed: 31 };
const diversities = fc.constantFrom(0.1, 0.5, 0.9, 1);

interface Scored {
  readonly itemKey: number;
  readonly score: number;
}

interface NaiveOptions {
  readonly diversity: number;
  readonly size: number;
  readonly before: readonly number[];
  readonly byTags?: (i: number, j: number) => number | undefined;
}

/** The slow twin: every value from scratch for every place. */
function naiveDiversify(
  candidates: readonly Scored[],
  model: Recommender,
  itemKeys: Int32Array,
  { diversity, size, before, byTags = () => undefined }: NaiveOptions,
): number[] {
  const likeness = (i: number, j: number) => {
    const ofTags = byTags(i, j);
    if (ofTags !== undefined) return ofTags;
    if (!itemKeys.includes(i) || !itemKeys.includes(j)) return 0;
    const { indices, scores } = model.similarItems(itemKeys.indexOf(j), model.numItems);
    const place = indices.indexOf(itemKeys.indexOf(i));
    return place < 0 || scores[0]! <= 0 ? 0 : Math.max(0, scores[place]! / scores[0]!);
  };
  const all = candidates.map(({ score }) => score);
  const [top, bottom] = [Math.max(...all), Math.min(...all)];
  const chosen: number[] = [];
  while (chosen.length < Math.min(size, candidates.length)) {
    const values = candidates.map(({ itemKey, score }) => {
      if (chosen.includes(itemKey)) return -Infinity;
      const relevance = top > bottom ? (score - bottom) / (top - bottom) : 1;
      const nearest = Math.max(0, ...[...before, ...chosen].map((other) => likeness(itemKey, other)));
      return (1 - diversity) * relevance - diversity * nearest;
    });
    chosen.push(candidates[values.indexOf(Math.max(...values))]!.itemKey);
  }
  return chosen;
}

function isNew({ itemKeys }: ToyService, key: number): boolean {
  return !itemKeys.includes(key);
}

/** Σ g² over shared tags / the lengths, with g = ln(1 + N/n) over the items of the model. */
function tagCosine({ items, itemKeys }: ToyService, i: number, j: number): number {
  const weightOf = (tag: string) => {
    const count = [...itemKeys].filter((key) => items[key]!.tags.includes(tag)).length;
    return Math.log(1 + itemKeys.length / Math.max(1, count));
  };
  const length = (key: number) => Math.hypot(...items[key]!.tags.map(weightOf));
  const shared = items[i]!.tags.filter((tag) => items[j]!.tags.includes(tag));
  return shared.reduce((sum, tag) => sum + (weightOf(tag) / length(i)) * (weightOf(tag) / length(j)), 0);
}

/** Calls of a model that keep what was asked for. */
function recorded(calls: ModelCalls) {
  const choices: DiverseChoice[] = [];
  const chooseDiverse = (choice: DiverseChoice) => {
    choices.push(choice);
    return calls.chooseDiverse(choice);
  };
  return { choices, calls: { chooseDiverse } as ModelCalls };
}

describe('a diverse list', () => {
  it('is what maximal marginal relevance from scratch makes', async () => {
    await fc.assert(
      fc.asyncProperty(
        toyServices,
        diversities,
        fc.integer({ min: 1, max: 12 }),
        async (service, diversity, size) => {
          const toy = await ToyCatalog.of(service.items);
          const model = await toy.train(service.matrix, service.itemKeys);
          const scores = model.scoreUser(historyOf(toy, service));
          const [before, keys] = [service.itemKeys.slice(0, 2), service.itemKeys.slice(2)];
          const candidates = [...keys]
            .map((itemKey) => ({
              itemKey,
              score: scores[service.itemKeys.indexOf(itemKey)]!,
              source: 'model' as const,
            }))
            .sort((a, b) => b.score - a.score || a.itemKey - b.itemKey);
          const options = { diversity, size, before: [...before] };
          const active = toy.catalog.active!;
          const chosen = await diversify(candidates, { ...options, active, calls: active.calls });
          expect(chosen.map(({ itemKey }) => itemKey)).toEqual(
            naiveDiversify(candidates, model, service.itemKeys, options),
          );
        },
      ),
      RUNS,
    );
  });

  it('counts tags where one of two items is new to the model, and looks at none where none is', async () => {
    await fc.assert(
      fc.asyncProperty(
        toyServices,
        diversities,
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.constantFrom('candidate', 'before', 'left out'), { minLength: 40, maxLength: 40 }),
        async (service, d, size, parts) => {
          const toy = await ToyCatalog.of(service.items);
          const model = await toy.train(service.matrix, service.itemKeys);
          const { active, newItems } = await toy.withNewItems();
          const keys = [...service.items.keys()];
          const candidates = keys
            .filter((itemKey) => parts[itemKey] === 'candidate')
            .map((itemKey) => ({ itemKey, score: keys.length - itemKey, source: 'model' as const }));
          const options = { diversity: d, size, before: keys.filter((key) => parts[key] === 'before') };
          const { calls, choices } = recorded(active!.calls);
          const chosen = await diversify(candidates, { ...options, active: active!, calls, newItems });
          const byTags = (i: number, j: number): number | undefined =>
            newItems && (isNew(service, i) || isNew(service, j)) ? tagCosine(service, i, j) : undefined;
          expect(chosen.map(({ itemKey }) => itemKey)).toEqual(
            naiveDiversify(candidates, model, service.itemKeys, { ...options, byTags }),
          );
          const hasNew = keys.some(
            (key) => parts[key] !== 'left out' && isNew(service, key) && service.items[key]!.tags.length > 0,
          );
          expect(choices.map(({ tags }) => tags !== null)).toEqual([Boolean(newItems) && hasNew]);
        },
      ),
      RUNS,
    );
  });

  it('has the same items in another order when all of them fit, and is the plain list at 0', async () => {
    const ranking = new RankingService();
    await fc.assert(
      fc.asyncProperty(toyServices, diversities, async (service, diversity) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        for (const history of [service.history, NO_HISTORY]) {
          const plain = await ranking.forHistory(toy.catalog, history, { k: 40 });
          const diverse = await ranking.forHistory(toy.catalog, history, { k: 40, diversity });
          expect(await ranking.forHistory(toy.catalog, history, { k: 40, diversity: 0 })).toEqual(plain);
          expect(await ranking.forHistory(toy.catalog, history, { k: 40, diversity })).toEqual(diverse);
          const byKey = (a: Scored, b: Scored) => a.itemKey - b.itemKey;
          expect([...diverse.items].sort(byKey)).toEqual([...plain.items].sort(byKey));
          expect(diverse.items[0]).toEqual(plain.items[0]);
        }
      }),
      RUNS,
    );
  });

  it('is chosen from 5 k candidates, and from 200 for a short one', () => {
    expect([1, 40, 41, 200].map(numCandidates)).toEqual([200, 200, 205, 1_000]);
  });
});
