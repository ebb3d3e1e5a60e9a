import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { Logger } from '@nestjs/common';
import type { Environment } from '@app/config';
import {
  CHUNK_BYTES,
  type CatalogsRepository,
  type ChangeFeed,
  type ItemsRepository,
  type ModelsRepository,
} from '@app/data';
import type { Model } from '@app/domain';
import { ArtifactCache } from '../src/serving/artifact-cache.js';
import { ModelLoader } from '../src/serving/decoding/model-loader.js';
import { ScoringThreads } from '../src/serving/scoring/scoring-threads.js';
import { ServingCatalogs } from '../src/serving/serving-catalogs.js';
import { trainArtifact } from '../src/serving/testing/train-artifact.js';

const ACTIVATIONS = 30;
/** All weights of so many items are 20 MiB as int8 with their columns, and three times as much where they are served. */
const NUM_ITEMS = 2_050;
const ARTIFACT_BYTES = 20 * 2 ** 20;
/** Of a model at least: values as float32, and columns and values once more where the kernels read them. */
const SERVED_BYTES = NUM_ITEMS ** 2 * 12;
/** Memory of models that may wait to be collected, or to be given back to the system. */
const MOST_KEPT = 4;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A process that serves one catalog, whose artifacts all have the same bytes. */
class Process {
  readonly threads = new ScoringThreads({ HEAVY_THREADS: 1, HEAVY_QUEUE: 4 } as Environment);
  readonly serving: ServingCatalogs;
  #active: Model;

  constructor(private readonly artifact: Uint8Array) {
    this.#active = this.#modelOf(0);
    const models = {
      findActive: () => Promise.resolve(this.#active),
      loadArtifactChunk: (_: string, position: number) =>
        Promise.resolve(artifact.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES)),
    } as unknown as ModelsRepository;
    const catalog = { id: 'shop', userCount: 0, itemCount: 0, cacheEpoch: 1, createdAt: new Date(0) };
    const find = () => Promise.resolve(catalog);
    this.serving = new ServingCatalogs(
      { find, load: find } as unknown as CatalogsRepository,
      { findServedSince: () => Promise.resolve({ revision: 1, changed: [] }) } as unknown as ItemsRepository,
      models,
      new ModelLoader(new ArtifactCache({} as Environment, null, models)),
      {} as unknown as ChangeFeed,
    );
  }

  #modelOf(version: number): Model {
    const { artifact } = this;
    return {
      id: `model-${version}`,
      catalogId: 'shop',
      artifactBytes: artifact.length,
      artifactChecksum: crc32(artifact),
    } as Model;
  }

  /** Activates a version and has it answer, here and in a scoring thread. @returns what goes with it */
  async activate(version: number): Promise<WeakRef<object>[]> {
    this.#active = this.#modelOf(version);
    await this.serving.refreshModel('shop');
    const { active } = await this.serving.get('shop');
    if (active?.model.id !== `model-${version}`) throw new Error('Another model is active');
    const history = active.recall({ itemKeys: Int32Array.of(2, 8), values: Float32Array.of(1, 1) }).known;
    const need = { ms: 50, longestHistory: 2 };
    const lent = await this.threads.use(active, need, async (calls) => calls.recommend(history, 5));
    expect(lent).toEqual(await active.calls.recommend(history, 5));
    return [active, active.served.recommender].map((part) => new WeakRef(part));
  }
}

async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await new Promise(setImmediate);
    collectGarbage();
  }
}

it('the memory of a model goes when another has taken its place, though it was lent', async () => {
  Logger.overrideLogger(false);
  const artifact = await trainArtifact('ease', NUM_ITEMS);
  expect(artifact.length).toBeGreaterThan(ARTIFACT_BYTES);
  const serving = new Process(artifact);
  await serving.serving.get('shop');
  const gone: WeakRef<object>[][] = [];
  const resident: number[] = [];
  for (let version = 1; version <= ACTIVATIONS; version++) {
    gone.push(await serving.activate(version));
    await settle();
    resident.push(process.memoryUsage.rss());
  }
  const [last, ...replaced] = gone.reverse();
  expect(last!.every((part) => part.deref() !== undefined)).toBe(true);
  expect(replaced.flat().filter((part) => part.deref() !== undefined)).toEqual([]);
  expect(serving.threads.threads).toHaveLength(1);
  const growth = resident.at(-1)! - Math.min(...resident.slice(0, MOST_KEPT));
  expect(growth).toBeLessThan(MOST_KEPT * SERVED_BYTES);
  await serving.threads.onApplicationShutdown();
}, 300_000);
