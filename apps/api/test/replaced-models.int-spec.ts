import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { Logger } from '@nestjs/common';
import type { Environment } from '#config';
import {
  CHUNK_BYTES,
  type CatalogsRepository,
  type ChangeFeed,
  type ItemsRepository,
  type ModelsRepository,
} from '#data';
import type { Model } from '#domain';
import { ServingCatalogs } from '../src/serving/catalogs/serving-catalogs.js';
import { ArtifactCache } from '../src/serving/models/artifact-cache.js';
import { ModelLoader } from '../src/serving/models/model-loader.js';
import { ScoringThreads } from '../src/serving/scoring/scoring-threads.js';
import { trainArtifact } from '../src/serving/testing/train-artifact.js';

const ACTIVATIONS = 40;
/** Of the last ones the lowest memory counts, since it goes up until the next collection. */
const LAST = 10;
const CALLS_IN_THREAD = 3;
const NUM_ITEMS = 2_500;
/** Of the artifact: columns and values. */
const BYTES_PER_WEIGHT = 8;
/** Of a model: values as float32, and columns and values once more where the kernels read them. */
const SERVED_BYTES_PER_WEIGHT = 12;
/** Models whose memory may wait to be collected while nobody asks for that. */
const MOST_KEPT = 12;

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
    const catalog = {
      id: 'shop',
      userCount: 0,
      itemCount: 0,
      cacheEpoch: 1,
      createdAt: new Date(0),
      basketRepeats: 'max',
    };
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

  /** Activates a version and has it answer, here and in a scoring thread. @returns what shall go with it */
  async activate(version: number): Promise<WeakRef<object>[]> {
    this.#active = this.#modelOf(version);
    await this.serving.refreshModel('shop');
    const { active } = await this.serving.get('shop');
    if (active?.model.id !== `model-${version}`) throw new Error('Another model is active');
    const history = active.inModel({ itemKeys: Int32Array.of(2, 8), values: Float32Array.of(1, 1) }).history;
    const need = { ms: 50, longestHistory: 2 };
    const expected = await active.calls.recommend(history, 5);
    for (let call = 0; call < CALLS_IN_THREAD; call++) {
      const lent = this.threads.use(active, need, async (calls) => calls.recommend(history, 5));
      expect(await lent).toEqual(expected);
    }
    return [active, active.served.recommender].map((part) => new WeakRef(part));
  }
}

async function collect(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await new Promise(setImmediate);
    collectGarbage();
  }
}

it('the memory of a model goes when another has taken its place, though it was lent', async () => {
  Logger.overrideLogger(false);
  const artifact = await trainArtifact('ease', NUM_ITEMS, { entriesPerRow: NUM_ITEMS, storage: 'f32' });
  const servedBytes = (artifact.length / BYTES_PER_WEIGHT) * SERVED_BYTES_PER_WEIGHT;
  const serving = new Process(artifact);
  await serving.serving.get('shop');
  const parts: WeakRef<object>[][] = [];
  const resident: number[] = [];
  for (let version = 1; version <= ACTIVATIONS; version++) {
    parts.push(await serving.activate(version));
    resident.push(process.memoryUsage.rss());
  }
  expect(serving.threads.threads).toHaveLength(1);
  expect(Math.min(...resident.slice(-LAST)) - resident[0]!).toBeLessThan(MOST_KEPT * servedBytes);
  await collect();
  const [last, ...replaced] = parts.reverse();
  expect(last!.every((part) => part.deref() !== undefined)).toBe(true);
  expect(replaced.flat().filter((part) => part.deref() !== undefined)).toEqual([]);
  await serving.threads.onApplicationShutdown();
}, 300_000);
