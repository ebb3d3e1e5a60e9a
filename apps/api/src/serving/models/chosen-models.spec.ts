import { crc32 } from 'node:zlib';
import { Logger } from '@nestjs/common';
import type { Environment } from '#config';
import { CHUNK_BYTES, type ModelsRepository } from '#data';
import { DomainError, type Model } from '#domain';
import {
  ModelCounts,
  mostModelBytes,
  type ActiveModel,
  type NewItemCatalogs,
  type ServingCatalog,
} from '#ranking';
import type { ServingCatalogs } from '../catalogs/serving-catalogs.js';
import { trainArtifact } from '../testing/train-artifact.js';
import { ArtifactCache } from './artifact-cache.js';
import { ChosenModels } from './chosen-models.js';
import { ModelLoader } from './model-loader.js';

const MEBIBYTE = 1024 * 1024;
const NUM_ITEMS = 40;
const MINUTE_MS = 60_000;

describe('chosen models', () => {
  let artifact: Uint8Array;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    artifact = await trainArtifact('ease', NUM_ITEMS, { storage: 'f32' });
  });

  const catalog = {
    id: 'shop',
    items: { numKeys: 2 * NUM_ITEMS },
    active: null,
  } as unknown as ServingCatalog;

  /** A service with models of these ids, all of the same artifact, and room for so many of them. */
  function serve(ids: readonly string[], room: number) {
    const stored = new Map(ids.map((id) => [id, modelOf(id)]));
    const asked: string[] = [];
    const loads: string[] = [];
    let arrives = Promise.resolve();
    let fault: DomainError | null = null;
    const repository = {
      load: (_: string, id: string) => {
        asked.push(id);
        if (fault) return Promise.reject(fault);
        const model = stored.get(id);
        return model ? Promise.resolve(model) : Promise.reject(new DomainError('model-not-found', id));
      },
      loadArtifactChunk: async (id: string, position: number) => {
        if (position === 0) loads.push(id);
        await arrives;
        return artifact.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES);
      },
    } as unknown as ModelsRepository;
    const budget = (room * mostModelBytes(modelOf(''), 2 * NUM_ITEMS)) / MEBIBYTE;
    const environment = { CHOSEN_MODELS_MEMORY_MB: budget } as Environment;
    const catalogs = {
      peek: () => catalog,
      countsOf: () => new ModelCounts(),
    } as unknown as ServingCatalogs;
    const loader = new ModelLoader(new ArtifactCache(environment, null, repository));
    const newItemBytes = new Map<string, number>();
    const newItems = {
      sizeBytes: ({ model }: ActiveModel) => newItemBytes.get(model.id) ?? 0,
    } as unknown as NewItemCatalogs;
    return {
      chosen: new ChosenModels(environment, repository, loader, catalogs, newItems),
      stored,
      asked,
      loads,
      newItemBytes,
      /** Artifacts arrive once this is done. */
      holdUntil: (promise: Promise<void>) => void (arrives = promise),
      fail: (error: DomainError | null) => (fault = error),
    };
  }

  function modelOf(id: string): Model {
    const sizes = { artifactBytes: artifact.length, artifactChecksum: crc32(artifact), numItems: NUM_ITEMS };
    return { id, catalogId: 'shop', kind: 'ease', ...sizes } as Model;
  }

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => (error as DomainError).code,
    );

  it('are loaded once, for all who ask at once and later', async () => {
    const { chosen, loads } = serve(['a'], 2);
    const served = await Promise.all([1, 2, 3].map(() => chosen.of(catalog, 'a')));
    served.push(await chosen.of(catalog, 'a'));
    expect(new Set(served.map(({ active }) => active)).size).toBe(1);
    expect(served[0]!.active!.model.id).toBe('a');
    expect(loads).toEqual(['a']);
  });

  it('are not loaded beside the active one, whose place such a one takes', async () => {
    const { chosen, loads } = serve(['a'], 1);
    const { active } = await chosen.of(catalog, 'a');
    const now = { ...catalog, active };
    const served = chosen.of(now, 'a');
    now.active = null;
    expect((await served).active).toBe(active);
    expect([loads, chosen.sizeBytes]).toEqual([['a'], 0]);
  });

  it('stay within the budget: the one that was not named for longest goes', async () => {
    const { chosen, loads } = serve(['a', 'b', 'c'], 2);
    for (const id of ['a', 'b', 'a', 'c']) await chosen.of(catalog, id);
    expect(chosen.loaded('shop').map(({ model }) => model.id)).toEqual(['a', 'c']);
    await chosen.of(catalog, 'a');
    expect(loads).toEqual(['a', 'b', 'c']);
    await chosen.of(catalog, 'b');
    expect(chosen.loaded('shop').map(({ model }) => model.id)).toEqual(['a', 'b']);
    expect(chosen.sizeBytes).toBe(2 * mostModelBytes(modelOf(''), 2 * NUM_ITEMS));
  });

  it('are refused with the numbers where one has no room by itself, and none goes for it', async () => {
    const { chosen, stored } = serve(['a', 'large'], 1);
    await chosen.of(catalog, 'a');
    stored.set('large', { ...modelOf('large'), artifactBytes: 2 * artifact.length });
    const refused = chosen.of(catalog, 'large');
    await expect(refused).rejects.toMatchObject({
      code: 'memory-budget-exceeded',
      extensions: {
        neededBytes: mostModelBytes(stored.get('large')!, 2 * NUM_ITEMS),
        budgetBytes: chosen.sizeBytes,
      },
    });
    expect(chosen.loaded('shop')).toHaveLength(1);
  });

  it('are asked for once a minute: a pruned one goes, and one stays that cannot be asked for', async () => {
    const { chosen, stored, asked, fail } = serve(['a'], 1);
    await chosen.of(catalog, 'a', 0);
    asked.length = 0;
    await chosen.of(catalog, 'a', MINUTE_MS - 1);
    expect(asked).toHaveLength(0);
    fail(new DomainError('database-unavailable', ''));
    expect((await chosen.of(catalog, 'a', MINUTE_MS)).active!.model.id).toBe('a');
    await chosen.of(catalog, 'a', MINUTE_MS + 1);
    expect(asked).toHaveLength(1);
    fail(null);
    stored.delete('a');
    expect(await codeOf(chosen.of(catalog, 'a', 2 * MINUTE_MS))).toBe('model-not-found');
    expect(chosen.loaded('shop')).toEqual([]);
  });

  it('count with their new items: one goes for another where those take the room', async () => {
    const { chosen, newItemBytes } = serve(['a', 'b'], 2);
    await chosen.of(catalog, 'a');
    newItemBytes.set('a', 1);
    await chosen.of(catalog, 'b');
    expect(chosen.loaded('shop').map(({ model }) => model.id)).toEqual(['b']);
  });

  it('are loaded one after another, and refused where too many wait, though not those that are there', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `m${n}`);
    const { chosen, loads, holdUntil } = serve(['ready', ...ids], 30);
    await chosen.of(catalog, 'ready');
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    holdUntil(arrived);
    const codes = ids.map((id) => codeOf(chosen.of(catalog, id)));
    expect(await Promise.all(codes.slice(8))).toEqual(ids.slice(8).map(() => 'too-busy'));
    expect((await chosen.of(catalog, 'ready')).active!.model.id).toBe('ready');
    expect(await codeOf(chosen.of(catalog, 'nowhere'))).toBe('model-not-found');
    expect(loads).toEqual(['ready', 'm0']);
    arrive();
    expect(await Promise.all(codes.slice(0, 8))).toEqual(ids.slice(0, 8).map(() => null));
    expect(loads).toEqual(['ready', ...ids.slice(0, 8)]);
  });

  it('go with their catalog', async () => {
    const { chosen } = serve(['a', 'b'], 2);
    for (const id of ['a', 'b']) await chosen.of(catalog, id);
    chosen.forget('other');
    expect(chosen.loaded('shop')).toHaveLength(2);
    chosen.forget('shop');
    expect(chosen.sizeBytes).toBe(0);
  });
});
