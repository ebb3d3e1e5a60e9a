import type { Redis } from 'ioredis';
import { redisConnection } from '#queue';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { describeWithRedis } from '../../../test/support/redis.js';
import { decodeHistory, encodeHistory } from '../src/serving/users/history-codec.js';
import { HEAD_LENGTH } from '../src/serving/users/user-cache.js';

describeWithRedis('embeddings of users in Redis', () => {
  let service: TestService;
  let redis: Redis;

  beforeAll(async () => {
    service = await TestService.start({ redis: true });
    redis = redisConnection({ REDIS_URL: service.redis!.url });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
  });
  afterAll(async () => {
    redis.disconnect();
    await service.stop();
  });

  const entryOf = async (userId: string) => {
    const [key] = await redis.keys(`*:U:*:${userId}`);
    const bytes = await redis.getBuffer(key!);
    return {
      key: key!,
      head: bytes!.subarray(0, HEAD_LENGTH),
      side: decodeHistory(bytes!.subarray(HEAD_LENGTH))!,
    };
  };
  const scoresOf = async (userId: string): Promise<number[]> => {
    const { body } = await service.get(`users/${userId}/recommendations?k=3`);
    return body.items.map(({ score }: { score: number }) => score);
  };

  it('are written beside the history, and are what lists are made of', async () => {
    const { modelId } = await service.train({ model: 'ials', parameters: { factors: 8 } });
    const scores = await scoresOf('user-1');
    const { key, head, side } = await entryOf('user-1');
    expect(side.embedding).toMatchObject({ modelId });
    expect(side.embedding!.values).toHaveLength(8);
    const twice = { modelId, values: side.embedding!.values.map((value) => 2 * value) };
    await redis.set(key, Buffer.concat([head, encodeHistory({ ...side, embedding: twice })]));
    for (const [rank, score] of (await scoresOf('user-1')).entries())
      expect(score).toBeCloseTo(2 * scores[rank]!, 5);
  });

  it('are made anew after an interaction, and by the next model', async () => {
    const before = await scoresOf('user-2');
    const first = await entryOf('user-2');
    await service.send('POST', 'interactions', {
      interactions: [{ userId: 'user-2', itemId: 'item-1', type: 'view' }],
    });
    const second = await entryOf('user-2');
    expect(second.side.embedding!.values).not.toEqual(first.side.embedding!.values);
    expect(await scoresOf('user-2')).not.toEqual(before);
    const { modelId } = await service.train({ model: 'ials', parameters: { factors: 4 } });
    await scoresOf('user-2');
    expect((await entryOf('user-2')).side.embedding).toMatchObject({ modelId });
    expect((await entryOf('user-2')).side.embedding!.values).toHaveLength(4);
  });
});
