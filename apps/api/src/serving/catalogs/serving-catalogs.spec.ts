import type {
  Catalog,
  CatalogsRepository,
  ChangeFeed,
  ChangeListener,
  ItemsRepository,
  ModelsRepository,
} from '#data';
import { DomainError, type Model } from '#domain';
import type { ModelLoader } from '../models/model-loader.js';
import { FIRST_RETRY_MS, ServingCatalogs } from './serving-catalogs.js';

const [FIRST, SECOND] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')];

/** Repositories with one catalog, or none. */
async function serve() {
  const state = {
    catalog: catalogOf(FIRST, 3) as Catalog | null,
    itemId: 'old',
    model: null as Model | null,
    isAway: false,
  };
  const loads: { readonly id: string; readonly end: () => void }[] = [];
  const loadModel = ({ id }: Model) =>
    new Promise((resolve) => loads.push({ id, end: () => resolve({ served: { itemKeys: [] } }) }));
  let listener: ChangeListener | undefined;
  const find = () => Promise.resolve(state.catalog);
  const load = async () => {
    if (!state.catalog) throw new DomainError('catalog-not-found', 'gone');
    return find();
  };
  const findServedSince = (_: string, revision: number) =>
    Promise.resolve({
      revision: 1,
      changed:
        revision > 0
          ? []
          : [{ itemKey: 0, itemId: state.itemId, title: null, available: true, deleted: false }],
    });
  const findActive = async () => {
    if (state.isAway) throw new DomainError('database-unavailable', 'away');
    return Promise.resolve(state.model);
  };
  const findAll = () => Promise.resolve([]);
  const subscribe = (added: ChangeListener) => {
    listener = added;
  };
  const serving = new ServingCatalogs(
    { find, load, findAll } as unknown as CatalogsRepository,
    { findServedSince } as unknown as ItemsRepository,
    { findActive } as unknown as ModelsRepository,
    { load: loadModel } as unknown as ModelLoader,
    { subscribe, start: () => Promise.resolve() } as unknown as ChangeFeed,
  );
  await serving.onApplicationBootstrap();
  const forgotten: string[] = [];
  serving.onForgotten((catalogId) => forgotten.push(catalogId));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { serving, state, loads, forgotten, settle, feed: listener! };
}

function catalogOf(createdAt: Date, cacheEpoch: number): Catalog {
  const fixed = { id: 'shop', userCount: 0, itemCount: 0 } as const;
  return { ...fixed, cacheEpoch, unknownItems: 'create', createdAt, basketRepeats: 'max' };
}

describe('ServingCatalogs', () => {
  it('forgets a catalog when it is deleted', async () => {
    const { serving, state, forgotten, feed, settle } = await serve();
    await serving.get('shop');
    await settle();
    state.catalog = null;
    feed.onChange({ kind: 'catalog-deleted', catalogId: 'shop' });
    expect(forgotten).toEqual(['shop']);
    await expect(serving.get('shop')).rejects.toMatchObject({ code: 'catalog-not-found' });
  });

  it('forgets one whose deletion it has missed', async () => {
    const { serving, state, forgotten, feed, settle } = await serve();
    await serving.get('shop');
    await settle();
    state.catalog = null;
    feed.onResync();
    await settle();
    expect(forgotten).toEqual(['shop']);
    await expect(serving.get('shop')).rejects.toMatchObject({ code: 'catalog-not-found' });
  });

  it('does not take another one of the same name for it', async () => {
    const { serving, state, forgotten, feed, settle } = await serve();
    expect((await serving.get('shop')).items.findKey('old')).toBe(0);
    await settle();
    Object.assign(state, { catalog: catalogOf(SECOND, 9), itemId: 'new' });
    feed.onResync();
    await settle();
    expect(forgotten).toEqual(['shop']);
    const { items } = await serving.get('shop');
    expect([items.findKey('old'), items.findKey('new')]).toEqual([undefined, 0]);
    expect([serving.cacheEpoch('shop'), serving.oldestEpoch('shop')]).toEqual([9, 9]);
  });

  it('keeps one that is still there, with its newer epoch', async () => {
    const { serving, state, forgotten, feed, settle } = await serve();
    const { items } = await serving.get('shop');
    await settle();
    state.catalog = catalogOf(FIRST, 4);
    feed.onResync();
    await settle();
    expect([forgotten, (await serving.get('shop')).items === items]).toEqual([[], true]);
    expect([serving.cacheEpoch('shop'), serving.oldestEpoch('shop')]).toEqual([4, 3]);
  });

  it('reads the rule of baskets again with a new cache epoch', async () => {
    const { serving, state, feed, settle } = await serve();
    await serving.get('shop');
    await settle();
    expect(serving.basketRepeats('shop')).toBe('max');
    state.catalog = { ...catalogOf(FIRST, 4), basketRepeats: 'sum' };
    feed.onChange({ kind: 'cache-epoch-changed', catalogId: 'shop', cacheEpoch: 4 });
    expect(serving.cacheEpoch('shop')).toBe(4);
    await settle();
    expect(serving.basketRepeats('shop')).toBe('sum');
  });

  it('keeps the newer rule of baskets when an older read ends last', async () => {
    const { serving, state, settle } = await serve();
    await serving.get('shop');
    await settle();
    for (const [cacheEpoch, basketRepeats] of [
      [5, 'newest'],
      [4, 'sum'],
    ] as const) {
      state.catalog = { ...catalogOf(FIRST, cacheEpoch), basketRepeats };
      await serving.refreshEpoch('shop');
    }
    expect([serving.cacheEpoch('shop'), serving.basketRepeats('shop')]).toEqual([5, 'newest']);
  });

  it('serves a model that could not be read when it was activated, as soon as it can', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      const { serving, state, loads, feed, settle } = await serve();
      await serving.get('shop');
      await settle();
      Object.assign(state, { isAway: true, model: { id: 'first' } });
      feed.onChange({ kind: 'model-activated', catalogId: 'shop', modelId: 'first' });
      await settle();
      await jest.advanceTimersByTimeAsync(FIRST_RETRY_MS);
      expect(loads).toEqual([]);
      state.isAway = false;
      await jest.advanceTimersByTimeAsync(2 * FIRST_RETRY_MS);
      loads.forEach(({ end }) => end());
      await settle();
      expect([loads.length, serving.activeModel('shop')?.model.id]).toEqual([1, 'first']);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('answers by the model before until another is loaded, and in the end by the last that was activated', async () => {
    const { serving, state, loads, feed, settle } = await serve();
    await serving.get('shop');
    const activate = async (id: string) => {
      state.model = { id } as Model;
      feed.onChange({ kind: 'model-activated', catalogId: 'shop', modelId: id });
      await settle();
    };
    const served: (string | undefined)[] = [];
    for (const id of ['first', 'second', 'third']) {
      await activate(id);
      served.push(serving.activeModel('shop')?.model.id);
    }
    expect(loads.map(({ id }) => id)).toEqual(['first']);
    for (let load = 0; load < loads.length; load++) {
      loads[load]!.end();
      await settle();
      served.push(serving.activeModel('shop')?.model.id);
    }
    expect(loads.map(({ id }) => id)).toEqual(['first', 'third']);
    expect(served).toEqual([undefined, undefined, undefined, 'first', 'third']);
  });
});
