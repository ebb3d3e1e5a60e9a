import { crc32 } from 'node:zlib';
import { Logger } from '@nestjs/common';
import type { Environment } from '#config';
import { CHUNK_BYTES, type ModelsRepository } from '#data';
import type { Model } from '#domain';
import { decodeServedModel, type ServedModel } from '#models';
import { ActiveModel } from '#ranking';
import { ScoringThreads } from '../scoring/scoring-threads.js';
import { trainArtifact } from '../testing/train-artifact.js';
import { ArtifactCache } from './artifact-cache.js';
import { ModelLoader, type LoadedModel } from './model-loader.js';

const LARGE = 400;
const HISTORY = { indices: Uint32Array.of(1, 5, 90), values: Float32Array.of(1, 0.5, 2) };

/** A loader of models whose artifacts are stored as they are given. */
class Shelf {
  readonly #artifacts = new Map<string, Uint8Array>();
  readonly loader: ModelLoader;

  constructor() {
    const loadArtifactChunk = (modelId: string, position: number) =>
      Promise.resolve(
        this.#artifacts.get(modelId)!.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES),
      );
    const models = { loadArtifactChunk } as unknown as ModelsRepository;
    this.loader = new ModelLoader(new ArtifactCache({} as Environment, null, models));
  }

  load(artifact: Uint8Array): Promise<LoadedModel> {
    const id = String(this.#artifacts.size);
    this.#artifacts.set(id, artifact);
    const sizes = { artifactBytes: artifact.length, artifactChecksum: crc32(artifact) };
    return this.loader.load({ id, ...sizes } as Model, null);
  }

  /** The thread that is to be there next. */
  async nextThread(): Promise<(typeof this.loader.threads)[number]> {
    for (;;) {
      const [thread] = this.loader.threads;
      if (thread) return thread;
      await new Promise(setImmediate);
    }
  }

  async untilNoThread(): Promise<void> {
    while (this.loader.threads.length > 0) await new Promise(setImmediate);
  }
}

function answersOf({ recommender, popularity, itemKeys, kind }: ServedModel) {
  return {
    kind,
    itemKeys: [...itemKeys],
    scores: [...recommender.scoreUser(HISTORY)],
    best: recommender.recommend(HISTORY, 20).indices.join(),
    similar: recommender.similarItems(3, 20).indices.join(),
    parts: recommender.explain(HISTORY, 7),
    popular: [...popularity.scoreUser(HISTORY)],
  };
}

describe('the loader of models', () => {
  let ease: Uint8Array;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    ease = await trainArtifact('ease', LARGE);
  });

  it.each([
    ['ease', {}],
    ['blend', { rank: 64 }],
    ['ials', { factors: 256, epochs: 1, storage: 'f32' }],
    ['lightgcl', { factors: 128, epochs: 1, storage: 'f32' }],
  ])(
    'has a large %s decoded in a thread, and it answers here and in scoring threads',
    async (kind, parameters) => {
      const shelf = new Shelf();
      const artifact = await trainArtifact(kind, LARGE, parameters);
      const loading = shelf.load(artifact);
      await shelf.nextThread();
      const { served, times } = await loading;
      const expected = decodeServedModel(artifact);
      expect(answersOf(served)).toEqual(answersOf(expected));
      expect(times.scoringMs(HISTORY, 20)).toBeGreaterThan(0);
      const threads = new ScoringThreads({ HEAVY_THREADS: 1, HEAVY_QUEUE: 2 } as Environment);
      const active = new ActiveModel({ id: kind } as Model, served, times);
      const lent = threads.use(active, { ms: 50, longestHistory: 3 }, async (calls) =>
        calls.recommend(HISTORY, 20),
      );
      expect(await lent).toEqual(expected.recommender.recommend(HISTORY, 20));
      await threads.onApplicationShutdown();
      await shelf.untilNoThread();
    },
  );

  it('starts no thread for a small model', async () => {
    const shelf = new Shelf();
    const artifact = await trainArtifact('ease', 100);
    const loading = shelf.load(artifact);
    const seen: number[] = [];
    const look = setInterval(() => seen.push(shelf.loader.threads.length));
    const { served } = await loading;
    clearInterval(look);
    expect(answersOf(served)).toEqual(answersOf(decodeServedModel(artifact)));
    expect([...seen, shelf.loader.threads.length].every((threads) => threads === 0)).toBe(true);
  });

  it('hands on that an artifact is corrupt, and loads the next one', async () => {
    const shelf = new Shelf();
    for (const place of [0, 200, ease.length >> 1, ease.length - 1]) {
      const damaged = ease.slice();
      damaged[place]! ^= 0x41;
      await expect(shelf.load(damaged)).rejects.toMatchObject({ code: 'model-corrupt' });
    }
    expect(answersOf((await shelf.load(ease)).served)).toEqual(answersOf(decodeServedModel(ease)));
  });

  it.each([1, 2])('loses nothing when %i of its threads are ended', async (numEnded) => {
    const shelf = new Shelf();
    const loading = shelf.load(ease);
    for (let ended = 0; ended < numEnded; ended++) await (await shelf.nextThread()).terminate();
    expect(answersOf((await loading).served)).toEqual(answersOf(decodeServedModel(ease)));
  });

  it('loads models one after another', async () => {
    const shelf = new Shelf();
    const numThreads: number[] = [];
    const loading = Promise.all([shelf.load(ease), shelf.load(ease), shelf.load(ease)]);
    const look = setInterval(() => numThreads.push(shelf.loader.threads.length));
    const loaded = await loading;
    clearInterval(look);
    expect(new Set(loaded.map(({ served }) => served.recommender)).size).toBe(3);
    // One that has transferred its model may still be ending.
    expect(Math.max(...numThreads)).toBeLessThanOrEqual(2);
  });

  it('ends its threads with the service', async () => {
    const shelf = new Shelf();
    const stopping = { code: 'too-busy', message: 'The service is stopping', retryAfterSeconds: 1 };
    const outcome = expect(shelf.load(ease)).rejects.toMatchObject(stopping);
    await shelf.nextThread();
    await shelf.loader.onApplicationShutdown();
    await outcome;
    expect(shelf.loader.threads).toHaveLength(0);
  });
});
