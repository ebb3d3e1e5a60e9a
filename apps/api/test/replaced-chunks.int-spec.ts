import { crc32 } from 'node:zlib';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { Environment } from '#config';
import type { CatalogsRepository, ChangeFeed, ItemsRepository, ModelsRepository } from '#data';
import type { Model } from '#domain';
import { describeWithRedis, TestRedis } from '../../../test/support/redis.js';
import { itemSideKey } from '../src/common/redis-keys.js';
import { ServingCatalogs } from '../src/serving/catalogs/serving-catalogs.js';
import { ArtifactCache } from '../src/serving/models/artifact-cache.js';
import { ModelLoader } from '../src/serving/models/model-loader.js';
import { trainArtifact } from '../src/serving/testing/train-artifact.js';

const MODEL_CACHE_SECONDS = 86_400;
const CATALOG = {
  ...{ id: 'shop', userCount: 0, itemCount: 0, cacheEpoch: 1 },
  ...{ createdAt: new Date(0), basketRepeats: 'max' },
};

describeWithRedis('the chunks of a model in Redis', () => {
  let server: TestRedis;
  let redis: Redis;
  let serving: ServingCatalogs;
  let activate: (id: string) => Promise<void>;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    server = await TestRedis.start();
    redis = new Redis(server.url);
    const artifact = await trainArtifact('popularity', 10);
    const toModel = (id: string) =>
      ({ id, catalogId: 'shop', artifactBytes: artifact.length, artifactChecksum: crc32(artifact) }) as Model;
    let active = toModel('first');
    const models = {
      findActive: () => Promise.resolve(active),
      loadArtifactChunk: () => Promise.resolve(artifact),
    } as unknown as ModelsRepository;
    const find = () => Promise.resolve(CATALOG);
    serving = new ServingCatalogs(
      { find, load: find } as unknown as CatalogsRepository,
      { findServedSince: () => Promise.resolve({ revision: 1, changed: [] }) } as unknown as ItemsRepository,
      models,
      new ModelLoader(new ArtifactCache({ MODEL_CACHE_SECONDS } as Environment, redis, models)),
      {} as unknown as ChangeFeed,
    );
    activate = async (id) => {
      active = toModel(id);
      await serving.refreshModel('shop');
    };
  });
  afterEach(async () => {
    redis.disconnect();
    await server.stop();
  });

  const secondsOf = (id: string) => redis.ttl(itemSideKey('shop', id, 0));

  it('go a minute after another model has taken its place, and are there anew when it comes back', async () => {
    await serving.get('shop');
    expect(await secondsOf('first')).toBeGreaterThan(MODEL_CACHE_SECONDS / 2);
    await activate('second');
    expect(await secondsOf('second')).toBeGreaterThan(MODEL_CACHE_SECONDS / 2);
    const left = await secondsOf('first');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60);
    await redis.del(itemSideKey('shop', 'first', 0));
    await activate('first');
    expect((await serving.get('shop')).active?.model.id).toBe('first');
    expect(await secondsOf('first')).toBeGreaterThan(MODEL_CACHE_SECONDS / 2);
  });
});
